// Lists: row selection with a bulk bar, keys (j k ↑ ↓ Home End, Enter opens, space selects, x too), columns.
//
//   <div data-table="work_orders">      one list; its name keys the remembered columns
//     thead input[data-select-all]      all rows of this page
//     tr[data-row][data-href]           one row; input[data-select] inside it
//     [data-bulk] > [data-bulk-count]   bar shown while rows are selected
//     [data-columns] input[data-column] shows or hides th, td [data-col]

import { behaviour } from "./behaviours.js";
import { word } from "./words.js";

const rows = (table) => [...table.querySelectorAll("tr[data-row]")];
const boxOf = (row) => row.querySelector("input[data-select]");

function showSelection(table) {
  const boxes = rows(table).map(boxOf).filter(Boolean);
  const chosen = boxes.filter((box) => box.checked).length;
  for (const box of boxes) box.closest("tr").classList.toggle("is-selected", box.checked);
  const all = table.querySelector("input[data-select-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  const bar = table.querySelector("[data-bulk]");
  if (!bar) return;
  bar.hidden = chosen === 0;
  bar.querySelector("[data-bulk-count]").textContent = word("table.selected", { n: chosen });
}

function selectRange(table, from, to, checked) {
  const all = rows(table);
  const [a, b] = [all.indexOf(from), all.indexOf(to)].sort((x, y) => x - y);
  for (const row of all.slice(Math.max(a, 0), b + 1)) boxOf(row).checked = checked;
}

function focusRow(table, row) {
  for (const one of rows(table)) one.tabIndex = one === row ? 0 : -1;
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

function move(table, key) {
  const all = rows(table);
  const at = all.indexOf(document.activeElement.closest("tr[data-row]"));
  const next = {
    ArrowDown: at + 1, j: at + 1, ArrowUp: at < 0 ? 0 : at - 1, k: at < 0 ? 0 : at - 1, Home: 0, End: all.length - 1,
  }[key];
  if (next === undefined) return false;
  focusRow(table, all[Math.min(Math.max(next, 0), all.length - 1)]);
  return true;
}

function onKey(event, table) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest("tr[data-row]");
  if (!row || event.target.matches("input:not([data-select]), select, textarea")) return;
  const onRow = event.target === row;
  if (move(table, event.key)) event.preventDefault();
  else if (event.key === "Enter" && onRow && row.dataset.href) location.assign(row.dataset.href);
  else if ((event.key === " " && onRow) || event.key === "x") {
    event.preventDefault();
    boxOf(row)?.click();
  }
}

function watchSelection(table) {
  let anchor = null;
  table.addEventListener("click", (event) => {
    const box = event.target.closest("input[data-select]");
    if (!box) return;
    if (event.shiftKey && anchor) selectRange(table, anchor, box.closest("tr"), box.checked);
    anchor = box.closest("tr");
  });
  table.addEventListener("change", (event) => {
    if (event.target.matches("input[data-select-all]"))
      for (const row of rows(table)) if (boxOf(row)) boxOf(row).checked = event.target.checked;
    if (event.target.matches("input[data-select], input[data-select-all]")) showSelection(table);
  });
  table.addEventListener("click", (event) => {
    if (!event.target.closest("[data-select-none]")) return;
    for (const row of rows(table)) if (boxOf(row)) boxOf(row).checked = false;
    showSelection(table);
  });
}

function readHidden(name) {
  try {
    return JSON.parse(localStorage.getItem(`pb.columns.${name}`));
  } catch {
    return null;
  }
}

function writeHidden(name, hidden) {
  try {
    localStorage.setItem(`pb.columns.${name}`, JSON.stringify(hidden));
  } catch {
    // not remembered where storage is switched off
  }
}

function showColumns(table) {
  for (const box of table.querySelectorAll("input[data-column]"))
    for (const cell of table.querySelectorAll(`[data-col="${CSS.escape(box.dataset.column)}"]`))
      cell.hidden = !box.checked;
}

function watchColumns(table) {
  const boxes = [...table.querySelectorAll("input[data-column]")];
  const remembered = readHidden(table.dataset.table);
  if (remembered) for (const box of boxes) box.checked = !remembered.includes(box.dataset.column);
  showColumns(table);
  table.addEventListener("change", (event) => {
    if (!event.target.matches("input[data-column]")) return;
    showColumns(table);
    const hidden = [...table.querySelectorAll("input[data-column]:not(:checked)")];
    writeHidden(table.dataset.table, hidden.map((box) => box.dataset.column));
  });
}

behaviour("[data-table]", (table) => {
  watchSelection(table);
  watchColumns(table);
  table.addEventListener("keydown", (event) => onKey(event, table));
  const refresh = () => {
    const [first] = rows(table);
    if (first && !table.querySelector("tr[data-row][tabindex='0']")) first.tabIndex = 0;
    showColumns(table);
    showSelection(table);
  };
  refresh();
  table.addEventListener("htmx:afterSettle", refresh);
});

// Periods side by side begin at the newest one, where there is no room for all.
behaviour("[data-newest-last]", (box) => {
  box.scrollLeft = box.scrollWidth;
});

export function startTables() {
  // j and k work from anywhere on the page as long as nothing is being typed.
  document.addEventListener("keydown", (event) => {
    if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target !== document.body || document.querySelector("dialog[open]")) return;
    const table = document.querySelector("[data-table]");
    if (!table || rows(table).length === 0) return;
    event.preventDefault();
    focusRow(table, rows(table).find((row) => row.tabIndex === 0) ?? rows(table)[0]);
  });
}
