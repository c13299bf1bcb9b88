// The line under a strip or a schedule that says in words what is pointed at; also the tools to zoom.

import { shapeElement } from "./canvas.js";
import { ZOOM_STEP } from "./reading-keys.js";
import { DAY, HOUR, MINUTE, SECOND, clock, moment } from "./zone.js";
import { word } from "./words.js";

const number = (value, digits) =>
  new Intl.NumberFormat(document.documentElement.lang || "en", {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(value);

/** "42 s", "11.6 min", "3.4 h" of a duration. */
export function duration(us) {
  if (us < MINUTE) return word("span.s", { n: Math.round(us / SECOND) });
  if (us < 10 * HOUR) return word("span.min", { n: number(us / MINUTE, us < 100 * MINUTE ? 1 : 0) });
  return word("span.hours", { n: number(us / HOUR, 1) });
}

/** Whole minutes with the unit, for legends. */
export const minutes = (us) => word("span.min", { n: number(us / MINUTE, 0) });

/** "10:03:12 – 10:14:40", with the day where the two ends or the reference differ in it. */
export function fromTo(from_us, to_us, reference_us, { seconds = true } = {}) {
  const start = moment(from_us, reference_us, { seconds });
  const same = to_us - from_us < DAY && moment(to_us, from_us, { seconds }) === clock(to_us, { seconds });
  return `${start} – ${same ? clock(to_us, { seconds }) : moment(to_us, reference_us, { seconds })}`;
}

/** Fill the readout: a shape and a word, then plain facts, then a link where there is one. */
export function fillReadout(readout, { group, code, title, facts, href }) {
  const name = document.createElement("strong");
  if (group) name.dataset[group] = code;
  if (code) name.append(shapeElement(group, code));
  name.append(title);
  const parts = facts.filter(Boolean).map((fact) => {
    const span = document.createElement("span");
    span.textContent = fact;
    return span;
  });
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = word("open");
    parts.push(link);
  }
  readout.replaceChildren(name, ...parts);
}

/** A live region that says `hint` until something is pointed at. */
export function makeReadout(hint) {
  const readout = document.createElement("p");
  readout.className = "pb-readout";
  readout.setAttribute("aria-live", "polite");
  readout.textContent = hint;
  return readout;
}

/** Buttons to zoom in, out and back to everything. @param {(factor: number) => void} zoom factor 0 = everything */
export function zoomTools(zoom) {
  const group = document.createElement("div");
  group.className = "btn-group";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", word("zoom"));
  for (const [key, sign, factor] of [["zoom.out", "−", 1 / ZOOM_STEP], ["zoom.all", "⤢", 0], ["zoom.in", "+", ZOOM_STEP]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-icon";
    button.textContent = sign;
    button.setAttribute("aria-label", word(key));
    button.title = word(key);
    button.addEventListener("click", () => zoom(factor));
    group.append(button);
  }
  return group;
}
