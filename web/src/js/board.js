// The board: bars that can be lifted by mouse, finger and key, with what the move does shown before the drop.
// Plan above, what was done below it on the same lane.
//
//   <div class="pb-gantt pb-board" data-board="id-of-json" data-preview="…" data-move="…" data-form="…"></div>
//   JSON: that of gantt-bars.js, and {tunable, version, allowed: {route: [lane]}, lanes: [{actual: [[state, from, to,
//   order]]}], bars: [{order, step, route, due_us?, why?}]}

import { STATES, drawActual, drawDue } from "./board-lanes.js";
import { listenToBoardPointers, zoomByFingers } from "./board-pointers.js";
import { BoardPanel } from "./board-panel.js";
import { edgeOf, moveOf, others, placeAt, placeOf, takeBars } from "./board-place.js";
import { fitText, redrawOn, shapeElement } from "./canvas.js";
import { AXIS, Gantt } from "./gantt-bars.js";
import { now } from "./zone.js";
import { stateWord, word } from "./words.js";

const LANE = 46;
const PLAN = 34;

export class Board extends Gantt {
  constructor(box) {
    super(box, box.dataset.board);
    this.tunable = Boolean(this.data.tunable && box.dataset.preview);
    this.held = null;
    this.asking = false;
    zoomByFingers(this);
    if (!this.tunable) return;
    this.panel = new BoardPanel();
    this.scroller.before(this.panel.element);
    this.scroller.setAttribute("aria-label", `${box.dataset.label ?? ""}. ${word("gantt.board_keys")}`);
    listenToBoardPointers(this);
  }

  get laneHeight() {
    return LANE;
  }

  makeLegend() {
    const legend = super.makeLegend();
    legend.replaceChildren(legend.children[2], legend.children[3]);
    const due = document.createElement("li");
    due.append("▼ ", word("gantt.due"));
    legend.append(due);
    for (const state of ["running", "setup", "own_stop"]) {
      const item = document.createElement("li");
      item.dataset.state = state;
      item.append(shapeElement("state", state), word("gantt.was", { state: stateWord(state) }));
      legend.append(item);
    }
    return legend;
  }

  paints(pen) {
    const colours = super.paints(pen);
    const style = getComputedStyle(document.documentElement);
    for (const state of STATES) colours[`done-${state}`] = style.getPropertyValue(`--pb-state-${state}`).trim();
    return colours;
  }

  // ---- drawing

  drawGround(pen, paint) {
    const until = Math.max(this.data.frozen_to_us ?? 0, this.tunable ? now() : 0);
    if (until <= this.data.from_us) return;
    pen.fillStyle = paint.sunken;
    pen.fillRect(this.names, AXIS, Math.max(this.x(until) - this.names, 0), paint.height);
  }

  drawLane(pen, paint, i) {
    super.drawLane(pen, paint, i);
    const lane = this.data.lanes[i];
    drawActual(this, pen, paint, lane, this.top(i) + PLAN);
    drawDue(this, pen, paint, lane, this.top(i));
    if (!this.held || this.held.allowed.has(lane.id)) return;
    pen.globalAlpha = 0.6;
    pen.fillStyle = paint.surface;
    pen.fillRect(this.names, this.top(i), paint.width, LANE - 1);
    pen.globalAlpha = 1;
  }

  drawOver(pen, paint) {
    const frozen = this.data.frozen_to_us;
    if (frozen && frozen > this.data.from_us) this.#line(pen, paint, frozen, paint["ink-2"], word("gantt.frozen"));
    if (this.held) this.#drawHeld(pen, paint);
  }

  #line(pen, paint, us, colour, text) {
    const x = Math.round(this.x(us));
    if (x < this.names || x > paint.width) return;
    pen.save();
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    pen.setLineDash([6, 4]);
    pen.beginPath();
    pen.moveTo(x, AXIS);
    pen.lineTo(x, paint.height);
    pen.stroke();
    pen.restore();
    const wide = pen.measureText(text).width + 10;
    pen.fillStyle = paint.surface;
    pen.fillRect(x - wide - 2, AXIS + 2, wide, 17);
    pen.fillStyle = colour;
    pen.fillText(text, x - wide + 3, AXIS + 11);
  }

  #drawHeld(pen, paint) {
    const { bar, lane, place, said, at } = this.held;
    const row = this.data.lanes[lane];
    const y = this.top(lane) + 4;
    const height = PLAN - 9;
    if (said) {
      pen.strokeStyle = paint["ink-3"];
      pen.lineWidth = 1;
      for (const [order, step, machine, setup_us, , end_us] of said.bars) {
        const i = this.laneOf(machine);
        if (i < 0 || (order === bar.order && step === bar.step)) continue;
        const x = this.x(setup_us);
        if (x < paint.width) pen.strokeRect(x, this.top(i) + 4.5, Math.max(this.x(end_us) - x - 1, 1), height - 1);
      }
    }
    const edge = Math.round(this.x(edgeOf(row, bar, place, this.data.from_us)));
    pen.fillStyle = paint.accent;
    pen.fillRect(Math.max(edge - 2, this.names), y - 4, 4, LANE - 2);
    const from = said ? this.x(said.setup_us) : (at ?? edge);
    const wide = said ? this.x(said.end_us) - from : (bar.to_us - bar.from_us) * this.rate;
    pen.globalAlpha = 0.85;
    pen.fillStyle = this.held.refused ? paint.act : paint.accent;
    pen.fillRect(from, y, Math.max(wide - 1, 3), height);
    pen.globalAlpha = 1;
    pen.strokeStyle = paint.ink;
    pen.lineWidth = 2;
    pen.strokeRect(from, y, Math.max(wide - 1, 3), height);
    if (wide < 52) return;
    pen.fillStyle = paint.surface;
    pen.fillText(fitText(pen, bar.label, wide - 12), from + 6, y + height / 2 + 0.5);
  }

  laneOf(id) {
    return this.data.lanes.findIndex((lane) => lane.id === id);
  }

  // ---- reading

  choose(lane, index) {
    super.choose(lane, index);
    const bar = this.data.lanes[lane]?.bars[index];
    if (!bar) return;
    for (const why of bar.why ?? []) {
      const cause = document.createElement("span");
      cause.textContent = why;
      this.readout.append(cause);
    }
    if (bar.why) this.#link(`#late-${bar.order}`, "gantt.why");
    const query = `order=${encodeURIComponent(bar.order)}&step=${bar.step}`;
    if (this.tunable) this.#link(`${this.box.dataset.form}?${query}`, "gantt.by_form");
  }

  point(event) {
    if (!this.held) super.point(event);
  }

  #link(href, key) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = word(key);
    this.readout.append(link);
  }

  // ---- lifting

  /** Lift a bar; `grab_us` is where in it the pointer holds it. */
  lift(lane, index, { grab_us = 0, keys = false } = {}) {
    const row = this.data.lanes[lane];
    const bar = row?.bars[index];
    if (!this.tunable || !bar) return false;
    if (bar.from_us < Math.max(this.data.frozen_to_us ?? 0, now())) {
      this.panel.refuse(bar.label, word("gantt.is_frozen"));
      return false;
    }
    this.choose(lane, index);
    const allowed = new Set(this.data.allowed[bar.route] ?? [row.id]);
    const place = placeOf(row, bar);
    this.held = { bar, home: lane, lane, place, start: `${row.id}|${place}`, grab_us, keys, allowed };
    this.scroller.classList.add("is-lifting");
    this.panel.rest(word("gantt.lifted", { order: bar.label }));
    this.soon();
    return true;
  }

  /** The lifted bar is over a lane at an instant (of its beginning). */
  carry(lane, us, x) {
    const { held } = this;
    const row = this.data.lanes[lane];
    if (!held || !row) return;
    held.at = x;
    this.settle(lane, placeAt(row, held.bar, us + held.bar.setup_us));
  }

  /** The lifted bar goes to a place of a lane; the consequences are asked for when the place is a new one. */
  settle(lane, place) {
    const { held } = this;
    this.soon();
    if (held.lane === lane && held.place === place) return;
    [held.lane, held.place, held.said, held.refused] = [lane, place, null, null];
    const row = this.data.lanes[lane];
    if (`${row.id}|${place}` === held.start) this.panel.rest(word("gantt.lifted", { order: held.bar.label }));
    else if (held.allowed.has(row.id)) this.ask();
    else {
      held.refused = word("gantt.not_there", { machine: row.id, allowed: [...held.allowed].join(", ") });
      this.panel.refuse(held.bar.label, held.refused);
    }
  }

  get #move() {
    const { bar, lane, place } = this.held;
    return moveOf(this.data.lanes[lane], bar, place);
  }

  /** Ask what the move does; one request is under way at most, the last place wins. */
  async ask() {
    const { held } = this;
    if (this.asking || !held) return;
    this.asking = true;
    const move = this.#move;
    this.panel.waiting(held.bar.label);
    const answer = await this.#send(`${this.box.dataset.preview}?${new URLSearchParams({ ...move, version: this.data.version })}`);
    this.asking = false;
    if (this.held !== held) return;
    const present = this.#move;
    if (present.machine !== move.machine || present.after !== move.after) {
      if (!held.refused && `${present.machine}|${held.place}` !== held.start) this.ask();
      return;
    }
    if (answer.refused) {
      held.refused = answer.refused;
      this.panel.refuse(held.bar.label, answer.refused);
    } else {
      held.said = answer;
      this.panel.say(held.bar.label, answer, held.dropped ? this.#choices() : []);
      this.panel.element.querySelector("button")?.focus();
    }
    this.soon();
  }

  /** Let go: what is shown happens; what is not known yet is shown first, with two buttons. */
  drop() {
    const { held } = this;
    if (!held) return;
    if (held.said) this.commit();
    else if (held.refused || `${this.data.lanes[held.lane].id}|${held.place}` === held.start) this.cancel(!held.refused);
    else held.dropped = true;
  }

  #choices() {
    const group = document.createElement("div");
    group.className = "btn-list";
    for (const [key, act, kind] of [
      ["gantt.move_it", () => this.commit(), "btn-primary"], ["gantt.leave_it", () => this.cancel(), "btn-ghost"],
    ]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `btn ${kind}`;
      button.textContent = word(key);
      button.addEventListener("click", act);
      group.append(button);
    }
    return [group];
  }

  cancel(say = true) {
    if (!this.held) return;
    this.held = null;
    this.scroller.classList.remove("is-lifting");
    if (say) this.panel.rest();
    this.soon();
  }

  async commit() {
    const { held } = this;
    const body = new URLSearchParams({ ...this.#move, version: this.data.version });
    const label = held.bar.label;
    this.cancel(false);
    this.panel.waiting(label);
    const answer = await this.#send(this.box.dataset.move, { method: "POST", body });
    if (answer.refused) {
      this.panel.refuse(label, answer.refused);
      return;
    }
    this.data.version = answer.version;
    takeBars(this.data.lanes, answer.bars);
    this.data.to_us = Math.max(this.data.to_us, ...answer.bars.map((bar) => bar.to_us));
    const lane = this.data.lanes.findIndex((row) => row.bars.some((bar) => bar.id === held.bar.id));
    this.choose(lane, this.data.lanes[lane]?.bars.findIndex((bar) => bar.id === held.bar.id) ?? -1);
    this.panel.rest(word("gantt.moved", { order: label, n: answer.moved }));
    for (const field of document.querySelectorAll("[data-board-version]")) field.value = answer.version;
    this.#refresh();
  }

  /** The figures and lists around the board follow. */
  #refresh() {
    for (const id of ["board-figures", "board-lists"])
      window.htmx?.ajax("GET", this.box.dataset.page, { target: `#${id}`, select: `#${id}`, swap: "outerHTML" });
  }

  async #send(url, options = {}) {
    const headers = { Accept: "application/json" };
    if (options.method) Object.assign(headers, JSON.parse(document.body.getAttribute("hx-headers") ?? "{}"));
    try {
      const answer = await fetch(url, { ...options, headers, credentials: "same-origin" });
      const kind = answer.headers.get("Content-Type") ?? "";
      if (kind.startsWith("application/json")) return await answer.json();
      return { refused: word(answer.status === 403 ? "request.forbidden" : "request.failed") };
    } catch {
      return { refused: word("request.offline") };
    }
  }

  // ---- keys

  ownKey(event) {
    if (!this.tunable) return false;
    const { held } = this;
    if (!held) {
      if (event.key !== "m" && event.key !== "M" && event.key !== " ") return false;
      this.lift(this.lane, this.chosen, { keys: true });
      return true;
    }
    const act = {
      ArrowRight: () => this.#shift(1),
      ArrowLeft: () => this.#shift(-1),
      ArrowDown: () => this.#change(1),
      ArrowUp: () => this.#change(-1),
      Enter: () => this.drop(),
      Escape: () => this.cancel(),
    }[event.key];
    act?.();
    return Boolean(act);
  }

  #shift(by) {
    const { held } = this;
    const row = this.data.lanes[held.lane];
    const place = Math.min(Math.max(held.place + by, -1), others(row, held.bar).length - 1);
    this.settle(held.lane, place);
    const neighbour = others(row, held.bar)[Math.max(place, 0)];
    this.reveal(held.lane, neighbour);
  }

  #change(by) {
    const { held } = this;
    for (let lane = held.lane + by; this.data.lanes[lane]; lane += by) {
      const row = this.data.lanes[lane];
      if (!held.allowed.has(row.id)) continue;
      const at = held.said?.start_us ?? held.bar.from_us;
      const place = lane === held.home ? placeOf(row, held.bar) : placeAt(row, held.bar, at);
      this.settle(lane, place);
      this.reveal(lane, others(row, held.bar)[Math.max(place, 0)]);
      return;
    }
  }
}

/** @param {HTMLElement} box @returns {() => void} what stops it */
export function attach(box) {
  const board = new Board(box);
  const timer = setInterval(() => document.hidden || board.soon(), 30_000);
  const stop = redrawOn(board.scroller, () => {
    board.colours = null;
    board.draw();
  });
  return () => {
    clearInterval(timer);
    stop();
  };
}
