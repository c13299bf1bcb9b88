// The operator terminal on an enrolled tablet. Every button is a form that posts; here it becomes a tap that is
// numbered and kept first, then shown, then sent. The part of the page that changes is fetched again and again.

import { attachAll } from "./behaviours.js";
import { install } from "./kept-app.js";
import { listen } from "./live.js";
import { Operators } from "./terminal-operator.js";
import { Outbox } from "./outbox.js";
import { drawQueue } from "./terminal-queue.js";
import { word } from "./words.js";
import { learnServerClock, now } from "./zone.js";

const REFRESH_MS = 15_000;
const SOON_MS = 400;
const UNDOABLE = new Set(["count", "counter_reads", "scrap", "reason", "line_state"]);

let root = null;
let outbox = null;
let operators = null;
/** The clock of the plant was heard in this life of the page; until then an older difference has to do. */
let heard = false;
let undoing = 0;
let refreshing = 0;
const drawn = new Map();

function learn(now_us) {
  learnServerClock(now_us);
  heard = true;
  outbox.setMeta("offset_us", Math.round(now_us - Date.now() * 1000));
}

/** The instant of a tap: the tablet's clock, and how far it is from the plant's, where that is known. */
function instant() {
  const clock_us = Date.now() * 1000;
  return { clock_us, offset_us: heard ? Math.round(now() - clock_us) : null };
}

function fieldsOf(form, button) {
  const numbers = new Set(root.dataset.numbers.split(" "));
  const data = {};
  for (const [name, value] of new FormData(form, button))
    if (!["kind", "once", "csrfmiddlewaretoken"].includes(name))
      data[name] = numbers.has(name) && /^\d{1,18}$/.test(value) ? Number(value) : value;
  if (data.stop_us === "now") data.stop_us = Math.round(now());
  if ("reset" in data) data.reset = data.reset === "1";
  // A call has its name from the first moment, so that whatever comes twice or late is about the same call.
  if (form.dataset.makes === "call") data.call = `c-${crypto.getRandomValues(new Uint32Array(3)).join("-")}`;
  return data;
}

function labelOf(form, button, data) {
  const stop = form.querySelector("[name=stop_us]:checked")?.dataset.clockText ?? "";
  const values = { value: data.good ?? data.reads ?? "", label: button?.innerText.trim() ?? "", stop };
  return form.dataset.what.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

async function tapped(form, button) {
  if (!operators.in) {
    operators.ask(word("terminal.who_first"));
    return;
  }
  const data = fieldsOf(form, button);
  const label = labelOf(form, button, data);
  const kind = new FormData(form, button).get("kind");
  const tap = await outbox.add({ kind, data, label, ...instant(), ...operators.proof() });
  operators.touched();
  button?.classList.add("is-tapped");
  setTimeout(() => button?.classList.remove("is-tapped"), 600);
  if (form.dataset.tap === "counter_reads") form.reset();
  if (form.dataset.tap === "reason") markExplained(form, data);
  offerUndo(tap);
}

/** A stop that has just been explained waits no more on this tablet, wherever the tap is. */
function markExplained(form, data) {
  const chosen = form.querySelector("[name=stop_us]:checked")?.closest(".pb-term-choice");
  if (!chosen || !data.reason) return;
  chosen.dataset.waits = "no";
  chosen.querySelector("small").textContent = word("terminal.explained");
}

function offerUndo(tap) {
  const bar = root.querySelector("[data-undo]");
  clearTimeout(undoing);
  bar.hidden = !UNDOABLE.has(tap.kind);
  bar.querySelector("[data-undo-what]").textContent = word("terminal.saved", { what: tap.label });
  bar.querySelector("[data-undo-button]").onclick = async () => {
    bar.hidden = true;
    const label = word("terminal.undo_of", { what: tap.label });
    const data = { session: tap.session, seq: tap.seq };
    await outbox.add({ kind: "undo", data, label, ...instant(), ...operators.proof() });
    operators.touched();
  };
  undoing = setTimeout(() => (bar.hidden = true), Number(root.dataset.undoMs));
}

// --- the part that changes ---

async function refresh() {
  clearTimeout(refreshing);
  refreshing = setTimeout(refresh, REFRESH_MS);
  const url = new URL(location.href);
  url.searchParams.set("part", "now");
  url.hash = "";
  try {
    const response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(10_000) });
    if (response.ok && !response.redirected) putIn(await response.text(), response.headers.has("X-From-Cache"));
  } catch {
    // No connection: what is shown stays, with its age.
  }
}

/** Tokens of the page's own forms differ each time, and taps do not need them. */
function withoutTokens(piece) {
  for (const token of piece.querySelectorAll("[name=csrfmiddlewaretoken]")) token.remove();
}

function putIn(text, old) {
  const part = new DOMParser().parseFromString(text, "text/html").querySelector("[data-terminal-part]");
  const here = root.querySelector("[data-terminal-part]");
  if (!part || !here) return;
  if (!old) learn(Number(part.dataset.nowUs));
  showAge(part.dataset.asOfUs);
  for (const piece of part.querySelectorAll("[data-piece]")) {
    withoutTokens(piece);
    const name = piece.dataset.piece;
    const there = here.querySelector(`[data-piece="${name}"]`);
    if (drawn.get(name) === piece.innerHTML || there.matches(":active") || there.querySelector("input:not([type=radio]):focus")) continue;
    drawn.set(name, piece.innerHTML);
    const chosen = there.querySelector("[name=stop_us]:checked")?.value;
    there.replaceChildren(...document.importNode(piece, true).childNodes);
    const again = chosen && there.querySelector(`[name=stop_us][value="${CSS.escape(chosen)}"]`);
    if (again) again.checked = true;
    attachAll(there);
  }
  showConnection();
  drawQueue(root, outbox, operators);
}

function showAge(at_us) {
  const age = root.querySelector("[data-as-of]");
  if (at_us) age.dataset.atUs = at_us;
}

/** Without a connection the plant knows of no new stop: somebody who sees one can say so. */
function showConnection() {
  const away = outbox.state === "away" || !navigator.onLine;
  for (const one of root.querySelectorAll("[data-offline-only]")) one.hidden = !away;
  const choices = [...root.querySelectorAll("[name=stop_us]")].filter((one) => !one.closest("[hidden]"));
  if (choices.length > 0 && !choices.some((one) => one.checked)) choices[0].checked = true;
  for (const button of root.querySelectorAll("[data-needs-stop]")) button.disabled = choices.length === 0;
}

// --- keys, dialogs ---

function press(button) {
  const field = document.getElementById(button.closest("[data-keypad]").dataset.keypad);
  const { key } = button.dataset;
  if (key === "clear") field.value = "";
  else if (key === "back") field.value = field.value.slice(0, -1);
  else if (field.maxLength < 0 || field.value.length < field.maxLength) field.value += key;
}

function startDialogs() {
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if ("key" in button.dataset) press(button);
    if ("close" in button.dataset) button.closest("dialog").close();
    if ("queueOpen" in button.dataset) root.querySelector("[data-term-dialog=queue]").showModal();
    if ("queueNow" in button.dataset) outbox.drain();
  });
  root.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-tap]");
    if (!form) return;
    event.preventDefault();
    tapped(form, event.submitter);
  });
}

export async function attach(element) {
  root = element;
  const changed = () => {
    drawQueue(root, outbox, operators);
    showConnection();
  };
  outbox = await Outbox.open(root.dataset.tapsUrl, () => outbox && changed());
  outbox.learned = learn;
  const old = document.documentElement.hasAttribute("data-cached");
  const offset_us = await outbox.meta("offset_us");
  if (old && offset_us !== undefined) learnServerClock(Date.now() * 1000 + offset_us);
  operators = await Operators.start(root, outbox, changed);
  startDialogs();
  for (const piece of root.querySelectorAll("[data-piece]")) withoutTokens(piece);
  if (!old) learn(Number(root.querySelector("[data-terminal-part]").dataset.nowUs));
  showAge(root.querySelector("[data-terminal-part]").dataset.asOfUs);
  changed();
  root.dataset.ready = "";
  outbox.drain();
  if (old) refresh();
  else refreshing = setTimeout(refresh, REFRESH_MS);
  listen(`${root.dataset.line}.state`, () => setTimeout(refresh, SOON_MS));
  addEventListener("online", refresh);
  addEventListener("offline", changed);
  const quiet = () => !root.querySelector("dialog[open]") && root.querySelector("[data-undo]").hidden;
  install(root, quiet);
}
