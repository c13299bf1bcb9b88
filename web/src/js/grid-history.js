// Undo and redo of an editable grid: one step is one paste or one edited cell.

const LONGEST = 100;

/** Value of a cell, whatever kind of field it is. */
export const valueOf = (cell) => (cell.type === "checkbox" ? cell.checked : cell.value);

/** Write a value into a cell without telling anyone; see `tell`. */
export function setValue(cell, value) {
  if (cell.type === "checkbox") cell.checked = value;
  else cell.value = value;
}

export class GridHistory {
  #done = [];
  #undone = [];

  /** @param {{cells: {cell: HTMLElement, before: any, after: any}[], rows: number}} step rows = rows it added */
  add(step) {
    if (step.cells.length === 0 && step.rows === 0) return;
    this.#done.push(step);
    if (this.#done.length > LONGEST) this.#done.shift();
    this.#undone = [];
  }

  /** Take back the last step. @returns the step, or undefined when there is none */
  undo() {
    const step = this.#done.pop();
    if (!step) return undefined;
    for (const { cell, before } of step.cells.toReversed()) setValue(cell, before);
    this.#undone.push(step);
    return step;
  }

  redo() {
    const step = this.#undone.pop();
    if (!step) return undefined;
    this.#done.push(step);
    return step;
  }
}
