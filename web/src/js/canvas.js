// Drawing on canvas with the page's own tokens, sharp on every screen.

import shapes from "../shapes.json";

/** Values of CSS tokens in force now, read once per drawing. */
export function tokens() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--pb-${name}`).trim();
}

/** Size a canvas in CSS pixels and return its context, scaled to the device's pixels. */
export function fit(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.setProperty("width", `${width}px`);
    canvas.style.setProperty("height", `${height}px`);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

const stamps = new Map();

/** Draw the shape of a state or status in a square of `size` at x, y; each is painted once and then stamped. */
export function drawShape(context, group, name, x, y, size, fill) {
  const d = shapes[group]?.[name];
  if (!d) return;
  const ratio = window.devicePixelRatio || 1;
  const key = `${group}-${name}-${size}-${fill}-${ratio}`;
  if (!stamps.has(key)) {
    const stamp = document.createElement("canvas");
    stamp.width = stamp.height = Math.ceil(size * ratio);
    const pen = stamp.getContext("2d");
    pen.scale((size * ratio) / 16, (size * ratio) / 16);
    pen.fillStyle = fill;
    pen.fill(new Path2D(d), "evenodd");
    stamps.set(key, stamp);
  }
  context.drawImage(stamps.get(key), x, y, size, size);
}

/** Diagonal lines: the pattern of "no data" and of set-up. */
export function hatch(context, background, colour, gap = 6) {
  const ratio = window.devicePixelRatio || 1;
  const tile = document.createElement("canvas");
  tile.width = tile.height = Math.round(gap * ratio);
  const pen = tile.getContext("2d");
  pen.scale(ratio, ratio);
  pen.fillStyle = background;
  pen.fillRect(0, 0, gap, gap);
  pen.strokeStyle = colour;
  pen.lineWidth = 1.2;
  for (const shift of [-gap, 0, gap]) {
    pen.beginPath();
    pen.moveTo(shift, gap);
    pen.lineTo(shift + gap, 0);
    pen.stroke();
  }
  const pattern = context.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}

/** Text cut with an ellipsis so that it fits `width`. */
export function fitText(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return low > 0 ? `${text.slice(0, low)}…` : "";
}

/** An <svg> of a shape for the page, from the same sprite as everything else. */
export function shapeElement(group, name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "pb-shape");
  svg.setAttribute("viewBox", "-1 -1 18 18");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("fill-rule", "evenodd");
  path.setAttribute("d", shapes[group]?.[name] ?? "");
  svg.append(path);
  return svg;
}

/** Call `draw` when the element's size, the theme or the fonts change. @returns what stops it */
export function redrawOn(element, draw) {
  const size = new ResizeObserver(draw);
  size.observe(element);
  document.addEventListener("pb:theme", draw);
  document.fonts?.ready.then(draw);
  return () => {
    size.disconnect();
    document.removeEventListener("pb:theme", draw);
  };
}
