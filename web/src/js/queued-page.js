// Forms that wait in a queue where the wifi is bad: attendance and walks, on a screen of somebody's own. What is tapped
// is numbered and kept first, then shown, then sent; the queue belongs to the person and the site.

import { install } from "./kept-app.js";
import { Outbox } from "./outbox.js";
import { drawQueue } from "./terminal-queue.js";
import { toast } from "./toasts.js";
import { word } from "./words.js";
import { learnServerClock, now } from "./zone.js";

const ARRIVED = "plantbeat-arrived";
const MARK = /^mark-(\d+)$/;

let root = null;
let outbox = null;
let heard = false;
/** Where to go when all that was tapped in this life of the page is at the plant. */
let onward = null;
let told = 0;

function learn(now_us) {
  learnServerClock(now_us);
  heard = true;
  outbox.setMeta("offset_us", Math.round(now_us - Date.now() * 1000));
}

function instant() {
  const clock_us = Date.now() * 1000;
  return { clock_us, offset_us: heard ? Math.round(now() - clock_us) : null };
}

const cookie = (name) => new RegExp(`(?:^|; )${name}=([^;]*)`).exec(document.cookie)?.[1] ?? "";
const numbered = (text) => (/^\d{1,18}$/.test(text) ? Number(text) : text);

/** People who are not simply present, by their mark; who is not named is present. */
function attendanceOf(form) {
  const data = { line: form.dataset.line, shift: Number(form.dataset.shift), absent: [], late: [], leave: [], late_min: {} };
  const given = new FormData(form);
  for (const [name, mark] of given) {
    const person = MARK.exec(name)?.[1];
    if (!person || !mark) continue;
    data[mark].push(Number(person));
    const late = given.get(`late-${person}`)?.trim();
    if (mark === "late" && late) data.late_min[person] = numbered(late);
  }
  return { ...data, version: Number(given.get("version")) };
}

function fieldsOf(form, button) {
  const entries = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  const data = Object.fromEntries(entries.map(([name, text]) => [name, ["stop", "walk"].includes(name) ? Number(text) : text]));
  return button?.dataset.verb ? { ...data, verb: button.dataset.verb } : data;
}

/** What a verb needs is asked for before it is kept: without a network nobody else could say so. */
function isComplete(form, verb) {
  if (!verb) return true;
  const names = { as_it_should_be: [], assign: ["finding", "owner", "due"], solve: ["finding", "owner", "due"] };
  const needed = names[verb] ?? ["finding"];
  for (const name of ["finding", "owner", "due"]) if (form.elements[name]) form.elements[name].required = needed.includes(name);
  return form.reportValidity();
}

/** A sheet that was tapped before and waits: the second tap corrects the first, whatever the plant had then. */
async function correctsOneThatWaits(kind, data) {
  const before = (await outbox.waiting()).filter((tap) => tap.kind === kind && tap.data.line === data.line);
  return before.some((tap) => tap.data.shift === data.shift);
}

async function tapped(form, button) {
  const kind = form.dataset.queued;
  const data = kind === "attendance" ? attendanceOf(form) : fieldsOf(form, button);
  if (kind === "attendance" && (await correctsOneThatWaits(kind, data))) delete data.version;
  const said = [form.dataset.what, button?.dataset.verb && button.innerText.trim(), data.finding];
  const label = said.filter(Boolean).join(": ");
  onward = form.dataset.then;
  told = (await outbox.notices()).length;
  await outbox.add({ kind, data, label, operator: root.dataset.person, ...instant() });
  sessionStorage.setItem(ARRIVED, label);
  if (form.closest("[data-stop]")) nextStop(form.closest("[data-stop]"));
}

/** The stop that was seen gives way to the one behind it; the page comes anew when the plant has it. */
function nextStop(seen) {
  seen.hidden = true;
  const next = seen.nextElementSibling;
  if (!next) return;
  next.hidden = false;
  next.querySelector("h2").focus();
}

async function changed() {
  drawQueue(root, outbox, { current: { id: root.dataset.person } });
  if (!onward || outbox.state !== "idle") return;
  const [waiting, notices] = await Promise.all([outbox.waiting(), outbox.notices()]);
  if (waiting.length > 0 || (document.activeElement?.matches("textarea") && document.activeElement.value)) return;
  const to = onward;
  onward = null;
  if (notices.length > told) sessionStorage.removeItem(ARRIVED);
  if (notices.length > told && root.dataset.stays !== undefined) return;
  if (new URL(to, location.href).pathname === location.pathname) location.reload();
  else location.assign(to);
}

/** Stops that were seen and still wait are not shown again by a page of before. */
async function hideWhatWaits() {
  const waiting = new Set((await outbox.waiting()).filter((tap) => tap.kind === "gemba_seen").map((tap) => tap.data.stop));
  if (waiting.size > 0) onward = location.href;
  const stops = [...document.querySelectorAll("[data-stop]")];
  const left = stops.filter((stop) => !waiting.has(Number(stop.dataset.stop)));
  for (const stop of stops) stop.hidden = stop !== left[0];
}

export async function attach(element) {
  root = element;
  const { person, site, tapsUrl } = root.dataset;
  const headers = () => ({ "X-CSRFToken": cookie("csrftoken") });
  outbox = await Outbox.open(tapsUrl, () => outbox && changed(), { name: `plantbeat-of-${person}-${site}`, headers });
  outbox.learned = learn;
  const old = document.documentElement.hasAttribute("data-cached");
  const offset_us = await outbox.meta("offset_us");
  if (!old) learn(Number(document.documentElement.dataset.nowUs));
  else if (offset_us !== undefined) learnServerClock(Date.now() * 1000 + offset_us);
  await hideWhatWaits();
  for (const form of document.querySelectorAll("form[data-queued]"))
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.dataset.keeping || !isComplete(form, event.submitter?.dataset.verb)) return;
      form.dataset.keeping = "yes"; // a double tap is one tap
      tapped(form, event.submitter).finally(() => delete form.dataset.keeping);
    });
  root.querySelector("[data-queue-now]").addEventListener("click", () => outbox.drain());
  const arrived = sessionStorage.getItem(ARRIVED);
  if (arrived && !old && (await outbox.waiting()).length === 0) {
    sessionStorage.removeItem(ARRIVED);
    toast(word("queue.arrived", { what: arrived }));
  }
  changed();
  root.dataset.ready = "";
  outbox.drain();
  addEventListener("offline", changed);
  install(root, () => !document.querySelector("dialog[open]"));
}
