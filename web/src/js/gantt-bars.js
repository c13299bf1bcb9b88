// Bars of a schedule, one lane per machine, on one canvas that shows only what is in view. The browser scrolls;
// the table behind it is in the page.
//
//   <div class="pb-gantt" data-gantt="id-of-json" data-label="Schedule version 14"></div>
//   JSON: {from_us, to_us, frozen_to_us?, lanes: [{id, name}],
//          bars: [{id, lane, from_us, to_us, setup_us?, label, status?, done?, late_us?, facts?: [text], href?}]}

import { drawShape, fit, fitText, hatch, redrawOn, shapeElement, tokens } from "./canvas.js";
import { barNear, barUnder, firstSeen, readGantt } from "./gantt-data.js";
import { duration, fillReadout, fromTo, makeReadout, zoomTools } from "./readout.js";
import { readByKeys, zoomByWheel } from "./reading-keys.js";
import { timeTicks } from "./time-axis.js";
import { MINUTE, now } from "./zone.js";
import { statusWord, word } from "./words.js";

const LANE = 34;
const ZOOM_RESTS_MS = 150;
const BAR = LANE - 9;
export const AXIS = 28;
const LEAST_WINDOW_US = 30 * MINUTE;
// Wider than this and browsers stop scrolling exactly.
const WIDEST_PX = 8_000_000;
const COLOURS = [
  "surface", "sunken", "line", "line-strong", "ink", "ink-2", "ink-3", "accent", "accent-soft", "state-setup",
];

export class Gantt {
  constructor(box, id = box.dataset.gantt) {
    this.box = box;
    this.data = readGantt(document.getElementById(id).textContent);
    this.lane = 0;
    this.chosen = -1;
    this.zoomed = 1;
    this.waiting = false;
    this.build();
  }

  build() {
    this.scroller = document.createElement("div");
    this.scroller.className = "pb-gantt-box";
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "application");
    this.scroller.setAttribute("aria-roledescription", word("gantt.role"));
    this.scroller.setAttribute("aria-label", `${this.box.dataset.label ?? ""}. ${word("gantt.keys")}`);
    this.size = document.createElement("div");
    this.size.className = "pb-gantt-size";
    this.canvas = document.createElement("canvas");
    this.size.append(this.canvas);
    this.scroller.append(this.size);
    this.readout = makeReadout(word("gantt.hint"));
    const tools = document.createElement("div");
    tools.className = "pb-strip-tools";
    tools.append(this.makeLegend(), zoomTools((factor) => this.zoom(factor)));
    this.box.replaceChildren(tools, this.scroller, this.readout);
    this.scroller.addEventListener("scroll", () => this.soon(), { passive: true });
    readByKeys(this.scroller, this);
    this.canvas.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.point(event));
    this.canvas.addEventListener("click", (event) => this.point(event));
    this.canvas.addEventListener("dblclick", () => this.open());
    zoomByWheel(this.scroller, (factor, x) => this.zoom(factor, x));
  }

  makeLegend() {
    const legend = document.createElement("ul");
    legend.className = "pb-legend";
    for (const [status, key] of [["good", "gantt.done"], ["watch", "gantt.risk"], ["act", "gantt.late_bar"]]) {
      const item = document.createElement("li");
      item.dataset.status = status;
      item.append(shapeElement("status", status), word(key));
      legend.append(item);
    }
    const setup = document.createElement("li");
    const swatch = document.createElement("span");
    swatch.className = "pb-swatch-setup";
    setup.append(swatch, word("gantt.setup_bar"));
    legend.append(setup);
    return legend;
  }

  get laneHeight() {
    return LANE;
  }

  get names() {
    return Math.min(150, this.scroller.clientWidth * 0.3);
  }

  /** Pixels per microsecond: at zoom 1 the whole plan fits. */
  get rate() {
    return ((this.scroller.clientWidth - this.names) / (this.data.to_us - this.data.from_us)) * this.zoomed;
  }

  x(us) {
    return this.names + (us - this.data.from_us) * this.rate - this.scroller.scrollLeft;
  }

  us(x) {
    return this.data.from_us + (x - this.names + this.scroller.scrollLeft) / this.rate;
  }

  soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  /** Give the scroller the size of everything, where that has changed. */
  resize(width) {
    const content = Math.max(this.names + (this.data.to_us - this.data.from_us) * this.rate, width);
    const size = `${content}px ${AXIS + this.data.lanes.length * this.laneHeight}px`;
    if (size === this.sized) return;
    this.sized = size;
    const [wide, high] = size.split(" ");
    this.size.style.setProperty("width", wide);
    this.size.style.setProperty("height", high);
  }

  draw() {
    if (this.scroller.clientWidth === 0) return;
    const { clientWidth: width, clientHeight: height } = this.scroller;
    this.resize(width);
    const pen = fit(this.canvas, width, height);
    const paint = { ...(this.colours ??= this.paints(pen)), width, height };
    pen.font = `500 12px ${paint.font}`;
    pen.textBaseline = "middle";
    const first = Math.max(Math.floor(this.scroller.scrollTop / this.laneHeight), 0);
    const last = Math.min(Math.ceil((this.scroller.scrollTop + height) / this.laneHeight), this.data.lanes.length);
    this.drawGround(pen, paint);
    this.drawDays(pen, paint);
    for (let i = first; i < last; i++) this.drawLane(pen, paint, i);
    this.drawOver(pen, paint, first, last);
    this.drawNames(pen, paint, first, last);
    this.drawAxis(pen, paint);
  }

  paints(pen) {
    const token = tokens();
    const colours = { font: token("font"), setup: hatch(pen, token("surface"), token("state-setup"), 5) };
    for (const name of COLOURS) colours[name] = token(name);
    for (const status of ["watch", "act"]) colours[status] = token(`status-${status}`);
    return colours;
  }

  ticksSeen(paint) {
    const [from_us, to_us] = [Math.round(this.us(this.names)), Math.round(this.us(paint.width))];
    const key = `${from_us} ${to_us} ${paint.width}`;
    if (this.ticksOf !== key)
      [this.ticksOf, this.ticks] = [key, timeTicks(from_us, to_us, (paint.width - this.names) / 72)];
    return this.ticks;
  }

  /** Midnights, below the bars: a line through a name cannot be read. */
  drawDays(pen, paint) {
    pen.fillStyle = paint["line-strong"];
    for (const { us, strong } of this.ticksSeen(paint)) {
      const x = this.x(us);
      if (strong && x >= this.names) pen.fillRect(Math.round(x), AXIS, 1, paint.height);
    }
  }

  top(lane) {
    return AXIS + lane * this.laneHeight - this.scroller.scrollTop;
  }

  drawGround(pen, paint) {
    const frozen = this.data.frozen_to_us;
    if (!frozen) return;
    pen.fillStyle = paint.sunken;
    pen.fillRect(this.names, AXIS, Math.max(this.x(frozen) - this.names, 0), paint.height);
  }

  /** What lies over the bars; for those who draw more. */
  drawOver() {}

  drawLane(pen, paint, i) {
    const lane = this.data.lanes[i];
    const y = this.top(i);
    const until = this.us(paint.width);
    pen.fillStyle = paint.line;
    pen.fillRect(this.names, y + this.laneHeight - 1, paint.width, 1);
    const from = firstSeen(lane, this.us(this.names));
    let to = from;
    while (to < lane.bars.length && lane.bars[to].from_us <= until) to++;
    this.drawBars(pen, paint, lane.bars, from, to, y + 4);
    if (i === this.lane && this.chosen >= from && this.chosen < to) {
      const bar = lane.bars[this.chosen];
      const x = this.x(bar.from_us);
      pen.lineWidth = 2;
      pen.strokeStyle = paint.ink;
      pen.strokeRect(x, y + 4, Math.max(this.x(bar.to_us) - x - 1, 1.5), BAR);
    }
  }

  /** All bars of a lane, colour by colour: changing the pen costs more than drawing. */
  drawBars(pen, paint, bars, from, to, y) {
    const { rate } = this;
    const zero = this.x(0);
    const fills = new Map();
    const fill = (colour, x, top, width, height) => {
      if (!fills.has(colour)) fills.set(colour, []);
      fills.get(colour).push(x, top, width, height);
    };
    const labels = [];
    for (let at = from; at < to; at++) {
      const bar = bars[at];
      const x = zero + bar.from_us * rate;
      const width = Math.max((bar.to_us - bar.from_us) * rate - 1, 1.5);
      const flagged = bar.status === "act" || bar.status === "watch";
      fill(bar.done ? paint.line : paint["accent-soft"], x, y, width, BAR);
      const setup = bar.setup_us ? Math.min(rate * bar.setup_us, width) : 0;
      // Stripes cannot be seen, but cost time, where a set-up is a few pixels wide.
      if (setup > 0.5) fill(setup > 5 ? paint.setup : paint["state-setup"], x, y, setup, BAR);
      const thick = flagged ? 5 : 2;
      const edge = flagged ? paint[bar.status] : bar.done ? paint["line-strong"] : paint.accent;
      fill(edge, x, y + BAR - thick, width, thick);
      const left = Math.max(x + setup, this.names) + 4;
      const room = x + width - left - 2;
      if (room > 14 && (flagged || bar.done || room >= 52)) labels.push(bar, left, room, flagged);
    }
    for (const [colour, rows] of fills) {
      pen.fillStyle = colour;
      for (let k = 0; k < rows.length; k += 4) pen.fillRect(rows[k], rows[k + 1], rows[k + 2], rows[k + 3]);
    }
    for (let k = 0; k < labels.length; k += 4)
      this.drawLabel(pen, paint, labels[k], labels[k + 1], y + BAR / 2 - 2, labels[k + 2], labels[k + 3]);
  }

  drawLabel(pen, paint, bar, left, middle, room, flagged) {
    const mark = flagged ? bar.status : bar.done ? "good" : null;
    if (mark) drawShape(pen, "status", mark, left, middle - 5, 11, paint.ink);
    if (room < 52) return;
    pen.fillStyle = bar.done ? paint["ink-2"] : paint.ink;
    pen.fillText(this.fitted(pen, bar, Math.floor(room - (mark ? 16 : 2))), left + (mark ? 15 : 0), middle + 0.5);
  }

  /** The label cut to a room in pixels; measured again only where the room has changed. */
  fitted(pen, bar, room) {
    this.fits ??= new Map();
    const known = this.fits.get(bar.id);
    const fits = known && (this.zooming ? known.room <= room : known.room === room);
    if (fits && known.label === bar.label) return known.text;
    const text = fitText(pen, bar.label, room);
    this.fits.set(bar.id, { room, label: bar.label, text });
    return text;
  }

  drawNames(pen, paint, first, last) {
    pen.fillStyle = paint.surface;
    pen.fillRect(0, 0, this.names, paint.height);
    for (let i = first; i < last; i++) {
      const y = this.top(i);
      pen.fillStyle = paint.line;
      pen.fillRect(0, y + this.laneHeight - 1, this.names, 1);
      pen.fillStyle = paint.ink;
      pen.fillText(fitText(pen, this.data.lanes[i].name, this.names - 18), 10, y + this.laneHeight / 2);
    }
    pen.fillStyle = paint["line-strong"];
    pen.fillRect(this.names - 1, 0, 1, paint.height);
  }

  drawAxis(pen, paint) {
    pen.fillStyle = paint.surface;
    pen.fillRect(0, 0, paint.width, AXIS);
    pen.fillStyle = paint["line-strong"];
    pen.fillRect(0, AXIS - 1, paint.width, 1);
    const ticks = this.ticksSeen(paint);
    let free = this.names;
    for (const [n, tick] of ticks.entries()) {
      const x = this.x(tick.us);
      if (x < this.names) continue;
      pen.fillStyle = tick.strong ? paint["line-strong"] : paint.line;
      pen.fillRect(Math.round(x), tick.strong ? 0 : AXIS - 6, 1, tick.strong ? AXIS : 6);
      const room = (n + 1 < ticks.length ? this.x(ticks[n + 1].us) : paint.width) - x - 6;
      const text = pen.measureText(tick.text).width > room ? tick.brief : tick.text;
      const wide = pen.measureText(text).width;
      if (x + 4 < free || x + wide + 6 > paint.width) continue;
      free = x + wide + 8;
      pen.fillStyle = tick.strong ? paint.ink : paint["ink-3"];
      pen.fillText(text, x + 4, AXIS / 2 - 1);
    }
    const present = this.x(now());
    if (present < this.names || present > paint.width) return;
    pen.fillStyle = paint.accent;
    pen.fillRect(Math.round(present) - 1, AXIS - 8, 2, paint.height);
  }

  /** Zoom about a pixel, or about the chosen bar, or about the middle; factor 0 shows everything. */
  zoom(factor, about) {
    const bar = this.data.lanes[this.lane]?.bars[this.chosen];
    const middle = (this.names + this.scroller.clientWidth) / 2;
    const x = about ?? (bar ? this.x((bar.from_us + bar.to_us) / 2) : middle);
    const at = this.us(x);
    const full = this.data.to_us - this.data.from_us;
    const most = Math.min(full / LEAST_WINDOW_US, WIDEST_PX / Math.max(this.scroller.clientWidth, 1));
    this.zoomed = factor === 0 ? 1 : Math.min(Math.max(this.zoomed * factor, 1), Math.max(most, 1));
    this.resize(this.scroller.clientWidth);
    this.scroller.scrollLeft = (at - this.data.from_us) * this.rate - (x - this.names);
    this.zooming = true;
    clearTimeout(this.zoomRests);
    this.zoomRests = setTimeout(() => {
      this.zooming = false;
      this.soon();
    }, ZOOM_RESTS_MS);
    this.soon();
  }

  choose(lane, index) {
    const row = this.data.lanes[lane];
    const bar = row?.bars[index];
    [this.lane, this.chosen] = [Math.max(lane, 0), bar ? index : -1];
    if (bar) {
      const status = bar.done ? "done" : bar.status;
      fillReadout(this.readout, {
        group: status && "status", code: bar.done ? "good" : bar.status, title: bar.label, href: bar.href,
        facts: [
          row.name, fromTo(bar.from_us, bar.to_us, now(), { seconds: false }), duration(bar.to_us - bar.from_us),
          bar.setup_us && word("gantt.setup", { span: duration((bar.setup_min ?? 0) * MINUTE || bar.setup_us) }),
          bar.late_us > 0 && word("gantt.late", { span: duration(bar.late_us) }),
          status && statusWord(status), ...(bar.facts ?? []),
        ],
      });
    } else this.readout.textContent = word("gantt.hint");
    this.soon();
  }

  point(event) {
    const lane = Math.floor((event.offsetY - AXIS + this.scroller.scrollTop) / this.laneHeight);
    const row = this.data.lanes[lane];
    if (!row || event.offsetX < this.names || event.offsetY < AXIS) return;
    const index = barUnder(row, this.us(event.offsetX));
    if (lane !== this.lane || index !== this.chosen) this.choose(lane, index);
  }

  open() {
    const bar = this.data.lanes[this.lane]?.bars[this.chosen];
    if (bar?.href) location.assign(bar.href);
  }

  step(lane, index) {
    const row = this.data.lanes[lane];
    const at = Math.min(Math.max(index, 0), row.bars.length - 1);
    this.choose(lane, at);
    this.reveal(lane, row.bars[at]);
  }

  reveal(lane, bar) {
    const { scroller } = this;
    const y = lane * this.laneHeight;
    if (y < scroller.scrollTop) scroller.scrollTop = y;
    const below = y + this.laneHeight + AXIS - scroller.clientHeight;
    if (below > scroller.scrollTop) scroller.scrollTop = below;
    if (!bar) return;
    const [x, end] = [this.x(bar.from_us), this.x(bar.to_us)];
    if (x < this.names || x > scroller.clientWidth - 20) scroller.scrollLeft += x - this.names - 40;
    else if (end > scroller.clientWidth)
      scroller.scrollLeft += Math.min(end - scroller.clientWidth + 20, x - this.names);
  }

  stepLane(by) {
    const lane = Math.min(Math.max(this.lane + by, 0), this.data.lanes.length - 1);
    const bar = this.data.lanes[this.lane]?.bars[this.chosen];
    const us = bar ? (bar.from_us + bar.to_us) / 2 : this.us(this.names);
    this.step(lane, barNear(this.data.lanes[lane], us));
  }
}

/** @param {HTMLElement} box @returns {() => void} what stops it */
export function attach(box) {
  const gantt = new Gantt(box);
  return redrawOn(gantt.scroller, () => {
    gantt.colours = null;
    gantt.draw();
  });
}
