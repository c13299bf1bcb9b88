// The clock and the agenda of a meeting. They live in the page alone: a blip of the network stops neither.

import { now } from "./zone.js";

const clockText = (seconds) => {
  const left = Math.abs(Math.trunc(seconds));
  return `${seconds < 0 ? "−" : ""}${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
};

function show(element, seconds) {
  element.textContent = clockText(seconds);
  element.classList.toggle("is-over", seconds < 0);
}

/** Where the meeting is: kept for this tab, so that a reload goes on at the same point. */
function place(key, points) {
  const [at, since_us] = JSON.parse(sessionStorage.getItem(key) ?? "[0,0]");
  return at < points ? { at, since_us } : { at: 0, since_us: 0 };
}

export function attach(element) {
  const points = JSON.parse(document.getElementById(element.dataset.points).textContent);
  const key = `pb-meeting-${element.dataset.meeting}`;
  const started_us = Number(element.dataset.startedUs);
  const links = [...element.querySelectorAll("[data-point]")];
  const [name, left, whole] = ["[data-point-name]", "[data-point-left]", "[data-meeting-left]"].map((one) =>
    element.querySelector(one),
  );
  const state = place(key, points.length);
  const total = points.reduce((sum, one) => sum + one, 0);

  const tick = () => {
    show(left, points[state.at] - (now() - (state.since_us || started_us)) / 1_000_000);
    show(whole, total - (now() - started_us) / 1_000_000);
  };
  const mark = () => {
    links.forEach((link, number) => {
      if (number === state.at) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    });
    name.textContent = links[state.at]?.firstChild.textContent.trim() ?? "";
    for (const section of document.querySelectorAll("[data-part]"))
      section.classList.toggle("is-current", section.id === links[state.at]?.dataset.shows);
    tick();
  };
  const go = (at) => {
    state.at = Math.max(0, Math.min(points.length - 1, at));
    state.since_us = now();
    sessionStorage.setItem(key, JSON.stringify([state.at, state.since_us]));
    mark();
    document.getElementById(links[state.at]?.dataset.shows)?.scrollIntoView({ block: "start" });
  };
  const onKey = (event) => {
    if (event.target.closest("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n") go(state.at + 1);
    if (event.key === "p") go(state.at - 1);
  };
  links.forEach((link, number) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      go(number);
    }),
  );
  element.querySelector("[data-next-point]").addEventListener("click", () => go(state.at + 1));
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:load", mark);
  const timer = setInterval(tick, 500);
  mark();
  return () => {
    clearInterval(timer);
    document.removeEventListener("keydown", onKey);
    document.removeEventListener("htmx:load", mark);
  };
}
