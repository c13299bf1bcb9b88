// Ages and countdowns, once a second: "as of 14:03:12, 4 s ago"; stale values grey out.

import { behaviour } from "./behaviours.js";
import { clock, learnServerClock, moment, now, speed } from "./zone.js";
import { word } from "./words.js";

const shown = new Set();
let unheard = false;

/** True while the live stream says nothing: every value that comes by it is stale. */
export function setUnheard(value) {
  if (unheard === value) return;
  unheard = value;
  tickAll();
}

/** "4 s", "12 min", "3 h 05 min", "2 d 4 h" of a duration in microseconds. */
export function span(us) {
  const seconds = Math.max(0, Math.floor(us / 1_000_000));
  if (seconds < 60) return word("span.s", { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return word("span.min", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return word("span.h", { h: hours, min: String(minutes % 60).padStart(2, "0") });
  return word("span.d", { d: Math.floor(hours / 24), h: hours % 24 });
}

function ageText(element, at_us, now_us) {
  const age = span(now_us - at_us);
  if (element.dataset.age === "short") return word("age.short", { age });
  const stale = element.closest(".is-stale") !== null;
  // A board read from far away has no room for the time of day beside each age; its head shows the clock.
  if (Number(document.documentElement.dataset.distance) > 3) return word(stale ? "age.stale_far" : "age.far", { age });
  return word(stale ? "age.stale" : "age.full", { at: moment(at_us, now_us, { seconds: true }), age });
}

function countdownText(at_us, now_us) {
  const left = at_us - now_us;
  return left >= 0 ? word("countdown.left", { span: span(left) }) : word("countdown.over", { span: span(-left) });
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function markStale(element, age_us) {
  const { staleAfter, liveKey } = element.dataset;
  if (!staleAfter && !liveKey) return;
  const old = staleAfter && age_us > Number(staleAfter) * 1_000_000 * speed();
  element.classList.toggle("is-stale", Boolean(old || (liveKey && unheard)));
}

/** Show one element's age now; returns false when it has left the page. */
export function tick(element, now_us = now()) {
  if (!element.isConnected) return false;
  const holder = element.closest("[data-at-us]");
  const at_us = Number(holder?.dataset.atUs);
  if (!holder?.dataset.atUs || !Number.isFinite(at_us)) {
    markStale(element, 0);
    return true;
  }
  markStale(element, now_us - at_us);
  if ("age" in element.dataset) write(element, ageText(element, at_us, now_us));
  if ("countdown" in element.dataset) {
    write(element, countdownText(at_us, now_us));
    element.classList.toggle("is-over", at_us < now_us);
  }
  return true;
}

/** The moment that is due now: the last that has come; before the first one it is the first. */
function markMoment() {
  const now_us = now();
  for (const list of document.querySelectorAll("[data-moments]")) {
    const links = [...list.querySelectorAll("[data-moment-us]")];
    const current = links.filter((link) => Number(link.dataset.momentUs) <= now_us).at(-1) ?? links[0];
    for (const link of links) link.classList.toggle("is-now", link === current);
  }
}

function tickAll() {
  const now_us = now();
  for (const element of shown) if (!tick(element, now_us)) shown.delete(element);
  for (const element of document.querySelectorAll("[data-clock]")) 
    write(element, clock(now_us, { seconds: element.dataset.clock === "seconds" }));
  markMoment();
}

behaviour("[data-stale-after], [data-live-key], [data-age], [data-countdown]", (element) => {
  shown.add(element);
  tick(element);
});

/** Start the one timer; a hidden page does not tick, a page shown again ticks at once. */
export function startAges() {
  const served = Number(document.documentElement.dataset.nowUs);
  const opened = performance.getEntriesByType("navigation")[0];
  // A page from the browser's own cache carries an old server time: then the device's clock has to do.
  const cached = opened?.type === "back_forward" || document.documentElement.hasAttribute("data-cached");
  if (served && !cached) learnServerClock(served);
  tickAll();
  setInterval(() => document.hidden || tickAll(), 1000);
  document.addEventListener("visibilitychange", () => document.hidden || tickAll());
}
