// The panel over the board that says what a move would do, before it is done.

import { shapeElement } from "./canvas.js";
import { duration, fromTo } from "./readout.js";
import { MINUTE, now } from "./zone.js";
import { word } from "./words.js";

const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : "±"}${Math.abs(value)}`;
const signedMinutes = (value) =>
  `${value > 0 ? "+" : value < 0 ? "−" : ""}${duration(Math.abs(value) * MINUTE)}`;
const tone = (value) => (value > 0 ? "act" : value < 0 ? "good" : "none");

const GROUPS = [
  ["newly_late", "act", "gantt.who_late"],
  ["later", "act", "gantt.who_later"],
  ["saved", "good", "gantt.who_saved"],
  ["sooner", "watch", "gantt.who_sooner"],
];

export class BoardPanel {
  constructor() {
    this.element = document.createElement("div");
    this.element.className = "pb-board-panel";
    this.element.setAttribute("role", "status");
    this.rest();
  }

  /** Nothing is lifted. */
  rest(text = word("gantt.lift_hint")) {
    this.element.dataset.status = "none";
    const hint = document.createElement("p");
    hint.textContent = text;
    this.element.replaceChildren(hint);
  }

  /** A move was refused, or something failed. */
  refuse(title, text) {
    this.element.dataset.status = "act";
    const line = document.createElement("p");
    line.append(shapeElement("status", "act"), `${title}: ${text}`);
    this.element.replaceChildren(line);
  }

  waiting(title) {
    this.element.dataset.status = "none";
    const line = document.createElement("p");
    line.textContent = `${title}: ${word("gantt.asking")}`;
    this.element.replaceChildren(line);
  }

  /** What a move does; `choices` are buttons, for a bar that was let go before this was known. */
  say(title, said, choices = []) {
    this.element.dataset.status = tone(said.late_minutes || said.late_orders);
    const head = document.createElement("p");
    const name = document.createElement("strong");
    name.textContent = title;
    head.append(name, ` ${said.machine} ${fromTo(said.start_us, said.end_us, now(), { seconds: false })}`);
    const figures = document.createElement("ul");
    figures.className = "pb-consequences";
    const rows = [
      ["gantt.late_orders", signed(said.late_orders), tone(said.late_orders)],
      ["gantt.late_in_all", signedMinutes(said.late_minutes), tone(said.late_minutes)],
      ["gantt.setups", `${signed(said.setups)} (${signedMinutes(said.setup_minutes)})`, tone(said.setup_minutes)],
      ["gantt.moving", String(said.moved), "none"],
    ];
    for (const [key, value, status] of rows) {
      const item = document.createElement("li");
      item.dataset.status = status;
      const number = document.createElement("strong");
      number.textContent = value;
      item.append(`${word(key)} `, number);
      figures.append(item);
    }
    this.element.replaceChildren(head, figures, this.#who(said), ...choices);
  }

  #who(said) {
    const list = document.createElement("ul");
    list.className = "pb-who";
    for (const [name, status, key] of GROUPS)
      for (const [order, before, after] of said[name].slice(0, 3)) {
        const item = document.createElement("li");
        item.dataset.status = status;
        const values = { order, before: duration(before * MINUTE), after: duration(after * MINUTE) };
        item.append(shapeElement("status", status), word(key, values));
        list.append(item);
      }
    return list;
  }
}
