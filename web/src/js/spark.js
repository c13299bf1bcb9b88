// Sparkline: <svg class="pb-tile-spark" data-spark="81,82.5,,79" data-spark-low="…" data-spark-high="…"
// data-spark-target="85">. An empty place is a gap, never a zero. Low and high draw the interval.

import { behaviour } from "./behaviours.js";

const WIDTH = 100;
const HEIGHT = 32;

const numbers = (text) => (text ? text.split(",").map((one) => (one.trim() === "" ? null : Number(one))) : []);

function draw(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** The line of a series as path text; a null starts a new piece. */
function line(values, x, y) {
  let pen = "M";
  let path = "";
  values.forEach((value, i) => {
    if (value === null) pen = "M";
    else {
      path += `${pen}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = "L";
    }
  });
  return path;
}

function band(low, high, x, y) {
  const places = low.map((_, i) => i).filter((i) => low[i] !== null && high[i] != null);
  if (places.length < 2) return "";
  const there = places.map((i) => `${x(i).toFixed(1)} ${y(high[i]).toFixed(1)}`);
  const back = places.toReversed().map((i) => `${x(i).toFixed(1)} ${y(low[i]).toFixed(1)}`);
  return `M${there.join("L")}L${back.join("L")}Z`;
}

function render(svg) {
  const values = numbers(svg.dataset.spark);
  const [low, high] = [numbers(svg.dataset.sparkLow), numbers(svg.dataset.sparkHigh)];
  const target = svg.dataset.sparkTarget ? Number(svg.dataset.sparkTarget) : null;
  const all = [...values, ...low, ...high, target].filter((value) => value !== null);
  svg.replaceChildren();
  if (values.filter((value) => value !== null).length < 2) return;
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = (most - least || Math.abs(most) || 1) * 0.12;
  const x = (i) => (i / (values.length - 1)) * WIDTH;
  const y = (value) => HEIGHT - ((value - least + room) / (most - least + 2 * room)) * HEIGHT;
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const fill = band(low, high, x, y);
  if (fill) svg.append(draw("path", { class: "pb-spark-band", d: fill }));
  if (target !== null) {
    const level = y(target);
    svg.append(draw("line", { class: "pb-spark-target", x1: 0, x2: WIDTH, y1: level, y2: level }));
  }
  svg.append(draw("path", { class: "pb-spark-line", d: line(values, x, y) }));
}

behaviour("svg[data-spark]", (svg) => {
  render(svg);
  svg.closest("[data-live-key]")?.addEventListener("pb:live", (event) => {
    if (!("spark" in event.detail)) return;
    svg.dataset.spark = event.detail.spark;
    render(svg);
  });
});
