// State strip: what each machine did, minute by minute. Producing states are low, losses are tall, no data is
// hatched, so that the strip reads without colour too. Every span can be reached by key, finger and mouse.
//
//   <div class="pb-strip" data-state-timeline="id-of-json" data-label="Line 1, today"></div>
//   JSON: {from_us, to_us, lanes: [{name, key?, href?, spans: [{state, from_us, to_us|null, reason?, href?}]}],
//          shifts?: [{name, from_us, to_us}]}

import { drawShape, fit, fitText, hatch, redrawOn, shapeElement, tokens } from "./canvas.js";
import { listen } from "./live.js";
import { pointAndZoom } from "./pointing.js";
import { readByKeys } from "./reading-keys.js";
import { duration, fillReadout, fromTo, makeReadout, minutes, zoomTools } from "./readout.js";
import { addState, endOf, readStrip, spanAt, totals } from "./strip-data.js";
import { timeTicks } from "./time-axis.js";
import { TimeScale } from "./time-scale.js";
import { MINUTE, now } from "./zone.js";
import { stateWord, word } from "./words.js";

const AXIS_HEIGHT = 24;
const SHIFT_HEIGHT = 20;
const REDRAW_MS = 10_000;
const HEIGHT_SHARE = { running: 0.62, slow: 0.62, off_shift: 0.22 };

class StateStrip {
  constructor(box) {
    this.box = box;
    this.data = readStrip(document.getElementById(box.dataset.stateTimeline).textContent);
    this.scale = new TimeScale(this.data.from_us, this.data.to_us, 2 * MINUTE);
    this.lane = 0;
    this.chosen = -1;
    this.canvas = document.createElement("canvas");
    this.readout = makeReadout(word("strip.hint"));
    this.legend = document.createElement("ul");
    this.legend.className = "pb-legend";
    this.#build();
  }

  #build() {
    const { canvas } = this;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", word("strip.role"));
    canvas.setAttribute("aria-label", `${this.box.dataset.label ?? ""}. ${word("strip.keys")}`);
    const frame = document.createElement("div");
    frame.className = "pb-strip-box";
    frame.append(canvas);
    const tools = document.createElement("div");
    tools.className = "pb-strip-tools";
    tools.append(this.legend, zoomTools((factor) => this.zoom(factor)));
    this.box.replaceChildren(tools, frame, this.readout);
    pointAndZoom(canvas, this.scale, {
      draw: () => this.draw(),
      point: (x, y) => this.#point(x, y),
      leave: () => document.activeElement === canvas || this.choose(this.lane, -1),
      open: () => this.open(),
    });
    readByKeys(canvas, this);
    this.#showLegend();
  }

  get laneHeight() {
    return this.data.lanes.length > 6 ? 30 : 44;
  }

  #top() {
    return this.data.shifts?.length ? SHIFT_HEIGHT : 0;
  }

  draw() {
    const width = this.box.clientWidth - 2;
    if (width <= 0) return;
    const { lanes } = this.data;
    const top = this.#top();
    const bottom = top + lanes.length * this.laneHeight;
    const token = tokens();
    const pen = fit(this.canvas, width, bottom + AXIS_HEIGHT);
    pen.font = `500 12px ${token("font")}`;
    pen.textBaseline = "middle";
    this.scale.left = lanes.length > 1 ? Math.min(140, width * 0.24) : 0;
    this.scale.width = width - this.scale.left;
    pen.save();
    pen.beginPath();
    pen.rect(this.scale.left, 0, this.scale.width, bottom + AXIS_HEIGHT);
    pen.clip();
    this.#drawShifts(pen, token, bottom);
    const grey = hatch(pen, token("state-no_data"), token("state-no_data-edge"));
    lanes.forEach((lane, i) => this.#drawLane(pen, token, lane, top + i * this.laneHeight, grey));
    this.#drawAxis(pen, token, bottom);
    this.#drawChosen(pen, token, top);
    pen.restore();
    if (lanes.length > 1) this.#drawNames(pen, token, top);
  }

  #drawShifts(pen, token, bottom) {
    for (const shift of this.data.shifts ?? []) {
      const [x, end] = [this.scale.x(shift.from_us), this.scale.x(shift.to_us)];
      pen.fillStyle = token("ink-3");
      pen.fillText(fitText(pen, shift.name, end - x - 12), Math.max(x, this.scale.left) + 6, SHIFT_HEIGHT / 2);
      pen.fillStyle = token("line-strong");
      pen.fillRect(Math.round(x), 0, 1, bottom);
    }
  }

  #drawLane(pen, token, lane, y, grey) {
    const full = this.laneHeight - 8;
    const base = y + this.laneHeight - 4;
    let i = Math.max(spanAt(lane.spans, this.scale.from_us), 0);
    for (; i < lane.spans.length && lane.spans[i].from_us < this.scale.to_us; i++) {
      const span = lane.spans[i];
      const x = this.scale.x(span.from_us);
      const width = Math.max(this.scale.x(endOf(span, this.data)) - x, span.state === "running" ? 0.5 : 1);
      const height = full * (HEIGHT_SHARE[span.state] ?? 1);
      pen.fillStyle = span.state === "no_data" ? grey : token(`state-${span.state}`);
      pen.fillRect(x, base - height, width, height);
      if (width > 20 && height > 16) this.#label(pen, token, span, x, base - height / 2, width);
    }
  }

  #label(pen, token, span, x, middle, width) {
    const left = Math.max(x, this.scale.left) + 5;
    const room = x + width - left;
    const ink = token(`state-${span.state}-ink`);
    if (room < (span.state === "running" ? 40 : 16)) return;
    if (span.state !== "no_data") drawShape(pen, "state", span.state, left, middle - 5, 10, ink);
    if (room < (span.state === "running" ? 160 : 70) || span.state === "no_data") return;
    pen.fillStyle = ink;
    pen.fillText(fitText(pen, span.reason || stateWord(span.state), room - 22), left + 15, middle + 0.5);
  }

  #drawAxis(pen, token, bottom) {
    pen.fillStyle = token("line-strong");
    pen.fillRect(this.scale.left, bottom, this.scale.width, 1);
    const ticks = timeTicks(this.scale.from_us, this.scale.to_us, this.scale.width / 64);
    let free = -Infinity;
    for (const tick of ticks) {
      const x = this.scale.x(tick.us);
      pen.fillStyle = token("line-strong");
      pen.fillRect(Math.round(x), bottom, 1, 5);
      const wide = pen.measureText(tick.text).width;
      const left = Math.min(Math.max(x - wide / 2, this.scale.left + 2), this.scale.left + this.scale.width - wide - 2);
      if (left < free) continue;
      free = left + wide + 10;
      pen.fillStyle = token(tick.strong ? "ink" : "ink-3");
      pen.fillText(tick.text, left, bottom + 14);
    }
    const present = now();
    if (present > this.scale.from_us && present < this.scale.to_us) {
      pen.fillStyle = token("accent");
      pen.fillRect(Math.round(this.scale.x(present)) - 1, 0, 2, bottom + 4);
    }
  }

  #drawChosen(pen, token, top) {
    const span = this.data.lanes[this.lane]?.spans[this.chosen];
    if (!span) return;
    const x = this.scale.x(span.from_us);
    const width = Math.max(this.scale.x(endOf(span, this.data)) - x, 2);
    const y = top + this.lane * this.laneHeight;
    for (const [colour, line] of [[token("surface"), 5], [token("ink"), 2]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = line;
      pen.strokeRect(x - 1, y + 2, width + 2, this.laneHeight - 4);
    }
  }

  #drawNames(pen, token, top) {
    this.data.lanes.forEach((lane, i) => {
      pen.fillStyle = token("ink");
      pen.fillText(fitText(pen, lane.name, this.scale.left - 16), 10, top + (i + 0.5) * this.laneHeight);
      if (i === 0) return;
      pen.fillStyle = token("line");
      pen.fillRect(0, top + i * this.laneHeight, this.scale.left, 1);
    });
  }

  #showLegend() {
    const { lanes } = this.data;
    const sums = new Map();
    for (const lane of lanes)
      for (const [state, us] of totals(lane, this.data)) sums.set(state, (sums.get(state) ?? 0) + us);
    const items = [...sums].map(([state, us]) => {
      const item = document.createElement("li");
      item.dataset.state = state;
      item.append(shapeElement("state", state), stateWord(state));
      // Minutes of machines in series are never added up: only a single lane shows them.
      if (lanes.length === 1) {
        const sum = document.createElement("span");
        sum.className = "pb-number";
        sum.textContent = minutes(us);
        item.append(sum);
      }
      return item;
    });
    this.legend.replaceChildren(...items);
  }

  choose(lane, index) {
    this.lane = Math.min(Math.max(lane, 0), this.data.lanes.length - 1);
    this.chosen = index;
    const row = this.data.lanes[this.lane];
    const span = row?.spans[index];
    if (span) {
      const end_us = endOf(span, this.data);
      fillReadout(this.readout, {
        group: "state", code: span.state, title: stateWord(span.state), href: span.href,
        facts: [
          this.data.lanes.length > 1 && row.name, span.reason,
          span.to_us === null ? word("strip.since", { at: fromTo(span.from_us, end_us, now()).split(" – ")[0] })
            : fromTo(span.from_us, end_us, now()),
          duration(end_us - span.from_us),
        ],
      });
    } else this.readout.textContent = word("strip.hint");
    this.draw();
  }

  #point(x, y) {
    const lane = Math.floor((y - this.#top()) / this.laneHeight);
    const row = this.data.lanes[lane];
    if (!row || x < this.scale.left) return;
    const us = this.scale.us(x);
    let index = spanAt(row.spans, us);
    // A span thinner than a finger counts as hit within three pixels.
    const near = row.spans[index + 1];
    if (near && this.scale.x(near.from_us) - x < 3 && row.spans[index].state === "running") index += 1;
    if (lane !== this.lane || index !== this.chosen) this.choose(lane, index);
  }

  open() {
    const span = this.data.lanes[this.lane]?.spans[this.chosen];
    if (span?.href) location.assign(span.href);
  }

  zoom(factor) {
    const span = this.data.lanes[this.lane]?.spans[this.chosen];
    if (factor === 0) this.scale.reset();
    else this.scale.zoom(factor, span ? this.scale.x((span.from_us + endOf(span, this.data)) / 2) : undefined);
    this.draw();
  }

  step(lane, index) {
    const spans = this.data.lanes[lane].spans;
    const at = Math.min(Math.max(index, 0), spans.length - 1);
    if (spans[at]) this.scale.reveal(spans[at].from_us, endOf(spans[at], this.data));
    this.choose(lane, at);
  }

  stepLane(by) {
    const lane = Math.min(Math.max(this.lane + by, 0), this.data.lanes.length - 1);
    const span = this.data.lanes[this.lane].spans[this.chosen];
    const us = span ? (span.from_us + endOf(span, this.data)) / 2 : this.scale.from_us;
    this.step(lane, spanAt(this.data.lanes[lane].spans, us));
  }

  pan(share) {
    this.scale.pan(this.scale.width * share);
    this.draw();
  }

  addLive(lane, value) {
    if (!addState(lane, value)) return;
    this.#showLegend();
    this.draw();
  }
}

/** @param {HTMLElement} box @returns {() => void} what stops it */
export function attach(box) {
  const strip = new StateStrip(box);
  const stops = [redrawOn(box, () => strip.draw())];
  for (const lane of strip.data.lanes)
    if (lane.key) stops.push(listen(lane.key, (value) => strip.addLive(lane, value)));
  const timer = setInterval(() => document.hidden || strip.draw(), REDRAW_MS);
  return () => {
    clearInterval(timer);
    for (const stop of stops) stop();
  };
}
