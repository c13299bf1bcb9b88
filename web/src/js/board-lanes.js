// What the board draws on a lane beside the plan: what was done, and when orders are due.

import { firstSeen } from "./gantt-data.js";

const ACTUAL = 8;
const WIDEST_STRIP_PX = 4096;
/** States of what was done that have a colour. */
export const STATES = [
  "running", "slow", "setup", "planned_stop", "own_stop", "starved", "blocked", "no_data", "off_shift",
];

/** What was done on a lane: painted once per zoom where all of it fits into a small picture, else what is in view. */
export function drawActual(board, pen, paint, lane, y) {
  const done = lane.actual ?? [];
  if (done.length === 0) return;
  const first = done[0][1];
  const wide = Math.ceil((done.at(-1)[2] - first) * board.rate) + 1;
  if (wide > WIDEST_STRIP_PX) {
    paintActual(pen, paint, done, board.us(board.names), board.us(paint.width), (us) => board.x(us), y);
    return;
  }
  const ratio = window.devicePixelRatio || 1;
  // No data has another colour in each theme.
  const key = `${board.rate} ${ratio} ${paint["done-no_data"]}`;
  // While the zoom changes, the last picture is stretched; it is painted anew when the zoom rests.
  if (lane.strip && lane.strip.key !== key && board.zooming) {
    pen.drawImage(lane.strip.picture, board.x(first), y, wide, ACTUAL);
    return;
  }
  if (lane.strip?.key !== key) {
    const picture = lane.strip?.picture ?? document.createElement("canvas");
    [picture.width, picture.height] = [Math.ceil(wide * ratio), ACTUAL * ratio];
    const own = picture.getContext("2d");
    own.scale(ratio, ratio);
    paintActual(own, paint, done, -Infinity, Infinity, (us) => (us - first) * board.rate, 0);
    lane.strip = { key, picture };
  }
  pen.drawImage(lane.strip.picture, board.x(first), y, lane.strip.picture.width / ratio, ACTUAL);
}

function paintActual(pen, paint, done, from, until, place, y) {
  let [colour, start, end, high] = ["", 0, 0, 0];
  const flush = () => {
    if (end <= start) return;
    pen.fillStyle = colour;
    pen.fillRect(start, y + ACTUAL - high, end - start, high);
  };
  for (const [state, from_us, to_us] of done) {
    if (to_us < from || from_us > until || state === "off_shift") continue;
    const x = place(from_us);
    const right = Math.max(place(to_us), x + 0.75);
    // Producing is low, losses are tall, as in the strip of a machine.
    const height = state === "running" || state === "slow" ? ACTUAL - 3 : ACTUAL;
    const ink = paint[`done-${state}`] || paint.line;
    if (ink === colour && x - end < 0.5) end = right;
    else {
      flush();
      [colour, start, end, high] = [ink, x, right, height];
    }
  }
  flush();
}

/** When orders are due: those that end late, and that of the bar that is read. */
export function drawDue(board, pen, paint, lane, y) {
  const until = board.us(paint.width);
  const read = board.data.lanes[board.lane]?.bars[board.chosen];
  // Every mark at once says nothing: those of late orders are seen, and that of the bar that is read.
  pen.beginPath();
  for (let at = firstSeen(lane, board.us(board.names)); at < lane.bars.length; at++) {
    const bar = lane.bars[at];
    if (bar.from_us > until) break;
    if (!bar.due_us || !(bar.late_us > 0)) continue;
    mark(board, pen, bar.due_us, y, paint);
  }
  pen.fillStyle = paint.act;
  pen.fill();
  if (!read?.due_us || read.late_us > 0 || read.lane !== lane.id) return;
  pen.beginPath();
  mark(board, pen, read.due_us, y, paint);
  pen.fillStyle = paint["ink-3"];
  pen.fill();
}

function mark(board, pen, us, y, paint) {
  const x = board.x(us);
  if (x < board.names || x > paint.width) return;
  pen.moveTo(x - 4, y + 1);
  pen.lineTo(x + 4, y + 1);
  pen.lineTo(x, y + 8);
}
