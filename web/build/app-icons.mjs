// The icons of the installed terminal as PNG: the brand's pulse line on its square, drawn by distance to its lines.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { deflateSync } from "node:zlib";

const GROUND = [0x1f, 0x4e, 0x8c];
// The whole square is filled, so that a launcher may cut it to any shape; the line stays within its safe circle.
const LOW = -7;
const SPAN = 30;
const HALF_WIDTH = 1.1;

/** Corners of a path of M, h, H and L steps. */
function corners(d) {
  const points = [];
  let [x, y] = [0, 0];
  for (const [, step, text] of d.matchAll(/([MLHhl])([^MLHhl]*)/g)) {
    const numbers = text.match(/-?\d*\.?\d+/g).map(Number);
    if (step === "H") points.push([(x = numbers[0]), y]);
    else if (step === "h") points.push([(x += numbers[0]), y]);
    else
      for (let at = 0; at < numbers.length; at += 2) {
        const [dx, dy] = step === "l" ? [x, y] : [0, 0];
        [x, y] = [numbers[at] + dx, numbers[at + 1] + dy];
        points.push([x, y]);
      }
  }
  return points;
}

function distance(px, py, [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(px - ax - along * dx, py - ay - along * dy);
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc(body), body.length + 4);
  return whole;
}

function png(size, pixels) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(pixels, { level: 9 });
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

/** @param {string} here folder of package.json @param {number} size pixels @returns {Promise<Buffer>} a PNG file */
export async function appIcon(here, size) {
  const shapes = JSON.parse(await readFile(path.join(here, "src/shapes.json"), "utf8"));
  const points = corners(shapes.brand.mark);
  const rows = Buffer.alloc(size * (3 * size + 1));
  const pixel = SPAN / size;
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1) {
      const [x, y] = [LOW + (column + 0.5) * pixel, LOW + (row + 0.5) * pixel];
      const away = Math.min(...points.slice(1).map((point, at) => distance(x, y, points[at], point)));
      const white = Math.max(0, Math.min(1, (HALF_WIDTH - away) / pixel + 0.5));
      const at = row * (3 * size + 1) + 1 + 3 * column;
      GROUND.forEach((value, channel) => (rows[at + channel] = Math.round(value + (255 - value) * white)));
    }
  return png(size, rows);
}
