// Editable grid that takes a paste from a spreadsheet.
//
//   <div data-grid data-grid-max="500">
//     <table class="pb-grid"> thead th[data-col] · tbody tr > td > input | select [data-col][data-kind]
//     <template data-grid-row> one row, __prefix__ where its number goes </template>
//     <input name="rows-TOTAL_FORMS">     a Django formset's counter, if there is one
//     data-grid-enter="right": Enter goes along the row; data-grid-then: selector of what comes after the last cell
//     <button data-grid-add>  <button data-grid-undo>  <div data-grid-note>
//
// data-kind: text, number (data-min, data-max, data-decimals), date, time; a select offers its own choices. A first
// pasted line that names columns maps them; otherwise cells go right and down from the one with the focus. A cell
// that is refused keeps its value, and the note names row, column, text and what is allowed.

import { decimalSign, readCell } from "./cell-values.js";
import { GridHistory, setValue, valueOf } from "./grid-history.js";
import { readTsv } from "./tsv.js";
import { word } from "./words.js";

const MOST_ROWS = 2000;
const MOST_SAID = 50;

class Grid {
  constructor(box) {
    this.box = box;
    this.body = box.querySelector("tbody");
    this.template = box.querySelector("template[data-grid-row]");
    this.total = box.querySelector("input[name$='-TOTAL_FORMS']");
    this.note = box.querySelector("[data-grid-note]");
    this.most = Number(box.dataset.gridMax ?? MOST_ROWS);
    this.history = new GridHistory();
    this.#listen();
  }

  #listen() {
    const { box } = this;
    box.addEventListener("paste", (event) => this.#paste(event));
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("focusin", (event) => {
      this.entered = { cell: event.target, before: valueOf(event.target) };
    });
    box.addEventListener("change", (event) => this.#edited(event.target));
    box.querySelector("[data-grid-add]")?.addEventListener("click", () => this.#addByHand());
    box.querySelector("[data-grid-undo]")?.addEventListener("click", () => this.undo());
  }

  rows() {
    return [...this.body.rows];
  }

  cells(row) {
    return [...row.querySelectorAll("input[data-col], select[data-col]")];
  }

  heading(cell) {
    const th = this.box.querySelector(`th[data-col="${CSS.escape(cell.dataset.col)}"]`);
    return th?.dataset.name ?? th?.textContent.trim() ?? cell.dataset.col;
  }

  /** One more row from the template; null when the grid is full or cannot grow. */
  addRow() {
    const count = this.body.rows.length;
    if (!this.template || count >= this.most) return null;
    const html = this.template.innerHTML.replaceAll("__prefix__", String(count));
    this.body.insertAdjacentHTML("beforeend", html);
    this.#countRows();
    return this.body.rows[count];
  }

  #countRows() {
    if (this.total) this.total.value = String(this.body.rows.length);
    this.rows().forEach((row, i) => {
      const number = row.querySelector(".pb-grid-row");
      if (number) number.textContent = String(i + 1);
    });
  }

  #addByHand() {
    const row = this.addRow();
    if (!row) return;
    this.history.add({ cells: [], rows: 1 });
    this.cells(row)[0]?.focus();
  }

  #edited(cell) {
    if (!cell.dataset?.col || this.filling) return;
    const before = this.entered?.cell === cell ? this.entered.before : cell.defaultValue;
    this.history.add({ cells: [{ cell, before, after: valueOf(cell) }], rows: 0 });
    this.entered = { cell, before: valueOf(cell) };
    cell.removeAttribute("aria-invalid");
    cell.classList.remove("is-pasted");
  }

  #paste(event) {
    const cell = event.target.closest("[data-col]");
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const lines = readTsv(text);
    const single = lines.length === 1 && lines[0].length === 1;
    if (!cell || lines.length === 0 || (single && cell.matches("input:not([data-kind])"))) return;
    event.preventDefault();
    this.fill(cell, lines);
  }

  /** Columns the pasted ones go to, and whether the first line was a line of names. */
  #mapColumns(start, lines) {
    const own = this.cells(start.closest("tr"));
    const plain = (name) => name.trim().toLocaleLowerCase().replace(/\s*[[(].*$/, "");
    const names = (cell) => [this.heading(cell), cell.dataset.col].map((name) => [plain(name), cell.dataset.col]);
    const byName = new Map(own.flatMap(names));
    const named = lines[0].map((name) => byName.get(plain(name)) ?? null);
    const known = named.filter(Boolean).length;
    if (lines.length > 1 && known >= 2 && known >= lines[0].length / 2) return { columns: named, names: true };
    const first = own.findIndex((cell) => cell.dataset.col === start.dataset.col);
    return { columns: lines[0].map((_, i) => own[first + i]?.dataset.col ?? null), names: false };
  }

  /** Put lines of text into the cells right of and below `start`. */
  fill(start, lines) {
    const width = Math.max(...lines.map((line) => line.length));
    const square = lines.map((line) => [...line, ...Array(width - line.length).fill(null)]);
    const { columns, names } = this.#mapColumns(start, square);
    const body = names ? square.slice(1) : square;
    const step = { cells: [], rows: 0 };
    const said = { refused: [], readAs: [], lost: 0, columnsLost: columns.filter((one) => one === null).length };
    const decimal = decimalSign(body.flat().filter(Boolean));
    const from = start.closest("tr").sectionRowIndex;
    this.filling = true;
    for (const old of this.box.querySelectorAll(".is-pasted")) old.classList.remove("is-pasted");
    body.forEach((line, i) => {
      let row = this.body.rows[from + i];
      if (!row && (row = this.addRow())) step.rows += 1;
      if (!row) said.lost += 1;
      else this.#fillRow(row, line, columns, decimal, step, said);
    });
    this.filling = false;
    this.history.add(step);
    if (this.entered?.cell === start) this.entered.before = valueOf(start);
    this.#tell(start);
    this.#report(step, said);
  }

  #fillRow(row, line, columns, decimal, step, said) {
    const byCol = new Map(this.cells(row).map((cell) => [cell.dataset.col, cell]));
    line.forEach((text, i) => {
      const cell = byCol.get(columns[i]);
      if (!cell || text === null) return;
      const result = readCell(text, cell, decimal);
      if ("allowed" in result) {
        cell.setAttribute("aria-invalid", "true");
        said.refused.push({ cell, text, allowed: result.allowed });
        return;
      }
      cell.removeAttribute("aria-invalid");
      const before = valueOf(cell);
      setValue(cell, result.value);
      cell.classList.add("is-pasted");
      step.cells.push({ cell, before, after: valueOf(cell) });
      if (result.readAs) said.readAs.push({ cell, text, value: result.readAs });
    });
  }

  #tell(cell) {
    cell.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #line(cell, text) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", () => cell.focus());
    item.append(button);
    return item;
  }

  #report(step, said) {
    const place = (cell) => ({ row: cell.closest("tr").sectionRowIndex + 1, column: this.heading(cell) });
    const short = (text) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
    const head = [word("grid.filled", { n: step.cells.length, rows: step.rows })];
    if (said.refused.length) head.push(word("grid.refused", { n: said.refused.length }));
    if (said.lost) head.push(word("grid.full", { n: said.lost, most: this.most }));
    if (said.columnsLost) head.push(word("grid.no_column", { n: said.columnsLost }));
    const list = document.createElement("ul");
    for (const { cell, text, allowed } of said.refused.slice(0, MOST_SAID))
      list.append(this.#line(cell, word("grid.refused_cell", { ...place(cell), text: short(text), allowed })));
    for (const { cell, text, value } of said.readAs.slice(0, MOST_SAID))
      list.append(this.#line(cell, word("grid.read_as", { ...place(cell), text: short(text), value })));
    this.say(head.join(" "), list);
  }

  say(text, list = null) {
    if (!this.note) return;
    this.note.hidden = false;
    this.note.replaceChildren(text, ...(list?.children.length ? [list] : []));
  }

  undo() {
    const step = this.history.undo();
    if (!step) return;
    for (const { cell } of step.cells) {
      cell.classList.remove("is-pasted");
      cell.removeAttribute("aria-invalid");
    }
    step.removed = this.rows().slice(this.body.rows.length - step.rows);
    for (const row of step.removed) row.remove();
    this.#countRows();
    this.#after(word("grid.undone"));
  }

  redo() {
    const step = this.history.redo();
    if (!step) return;
    this.body.append(...(step.removed ?? []));
    for (const { cell, after } of step.cells) setValue(cell, after);
    this.#countRows();
    this.#after(word("grid.redone"));
  }

  #after(text) {
    if (this.entered?.cell.isConnected) this.entered.before = valueOf(this.entered.cell);
    this.#tell(this.body.querySelector("[data-col]") ?? this.body);
    this.say(text);
  }

  #key(event) {
    const cell = event.target.closest("[data-col]");
    if (!cell) return;
    const held = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    // While a cell is being typed in, the browser's own undo serves.
    const typing = this.entered?.cell === cell && this.entered.before !== valueOf(cell);
    if (held && !typing && (key === "z" || key === "y")) {
      event.preventDefault();
      if (key === "y" || event.shiftKey) this.redo();
      else this.undo();
    } else if (!held && !event.altKey && this.#moves(event, cell)) event.preventDefault();
  }

  /** Arrows between cells; left and right only from the edge of the text. */
  #moves(event, cell) {
    if (event.key === "Enter") return this.#onward(cell, event.shiftKey ? -1 : 1);
    const select = cell.matches("select");
    const [start, end] = cell.type === "text" ? [cell.selectionStart, cell.selectionEnd] : [0, 0];
    const whole = start === 0 && end === cell.value.length;
    const by = {
      ArrowUp: !select && [-1, 0], ArrowDown: !select && [1, 0],
      ArrowLeft: (whole || end === 0) && [0, -1], ArrowRight: (whole || start === cell.value.length) && [0, 1],
    }[event.key];
    if (!by || cell.type !== "text") return false;
    const row = cell.closest("tr");
    const line = this.cells(row);
    const target = this.body.rows[row.sectionRowIndex + by[0]];
    const next = target && this.cells(target)[line.indexOf(cell) + by[1]];
    if (!next) return false;
    this.#enter(next);
    return true;
  }

  /** Enter: down the column, or along the row with data-grid-enter="right"; after the last cell, and from a
   * row that stays empty, to what data-grid-then names, by the columns of numbers first. */
  #onward(cell, by) {
    const { gridEnter, gridThen } = this.box.dataset;
    const right = gridEnter === "right";
    const all = this.rows().flatMap((row) => this.cells(row)).filter((one) => !one.disabled);
    const column = (col) => all.filter((one) => one.dataset.col === col);
    const columns = new Set(all.filter((one) => gridThen && one.dataset.kind === "number").map((one) => one.dataset.col));
    const order = right ? all : [...columns.add(cell.dataset.col)].flatMap(column);
    const empty = right && by > 0 && cell.value === "" && this.cells(cell.closest("tr"))[0] === cell;
    const next = empty ? null : order[order.indexOf(cell) + by];
    if (next) this.#enter(next);
    else if (by > 0 && gridThen) document.querySelector(gridThen)?.focus();
    return true;
  }

  #enter(cell) {
    cell.focus();
    if (cell.type === "text") cell.select();
  }
}

/** @param {HTMLElement} box */
export function attach(box) {
  new Grid(box);
}
