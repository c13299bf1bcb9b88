// Mouse, pen and fingers on the board: a drag lifts a bar, a long press lifts it on a touch screen; otherwise one
// finger pans, and two fingers zoom and pan.

import { AXIS } from "./gantt-bars.js";
import { barUnder } from "./gantt-data.js";

const LIFT_AFTER_PX = 5;
const LONG_PRESS_MS = 450;
const EDGE_PX = 48;
const EDGE_STEP_PX = 14;
const LEAST_APART_PX = 10;

/** @param {import("./board.js").Board} board */
export function listenToBoardPointers(board) {
  const { canvas, scroller } = board;
  let pressed = null;
  let timer = 0;
  let sliding = 0;

  const under = (x, y) => {
    const lane = Math.floor((y - AXIS + scroller.scrollTop) / board.laneHeight);
    const row = board.data.lanes[lane];
    if (!row || x < board.names || y < AXIS) return null;
    return { lane, index: barUnder(row, board.us(x)) };
  };

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  function lift() {
    const bar = board.data.lanes[pressed.lane].bars[pressed.index];
    const lifted = board.lift(pressed.lane, pressed.index, { grab_us: board.us(pressed.x) - bar.from_us });
    pressed.lifted = lifted;
    pressed.done = !lifted;
    return lifted;
  }

  function carry(x, y) {
    const lane = Math.floor((y - AXIS + scroller.scrollTop) / board.laneHeight);
    const us = board.us(x) - board.held.grab_us;
    board.carry(Math.min(Math.max(lane, 0), board.data.lanes.length - 1), us, board.x(us));
  }

  /** Near an edge the board slides on under the bar. */
  function slide() {
    sliding = 0;
    if (!board.held || !pressed?.lifted) return;
    const [x, y] = pressed.last;
    const by = (at, low, high) => (at < low + EDGE_PX ? -EDGE_STEP_PX : at > high - EDGE_PX ? EDGE_STEP_PX : 0);
    const [dx, dy] = [by(x, board.names, scroller.clientWidth), by(y, AXIS, scroller.clientHeight)];
    if (dx || dy) {
      scroller.scrollBy(dx, dy);
      carry(x, y);
      sliding = requestAnimationFrame(slide);
    }
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || board.held) return;
    const [x, y] = place(event);
    const found = under(x, y);
    pressed = null;
    if (!found || found.index < 0) return;
    pressed = { ...found, x, y, id: event.pointerId, last: [x, y] };
    if (event.pointerType !== "touch") return;
    timer = setTimeout(() => {
      if (pressed && lift()) navigator.vibrate?.(20);
    }, LONG_PRESS_MS);
  });

  canvas.addEventListener("pointermove", (event) => {
    if (!pressed || event.pointerId !== pressed.id) return;
    const [x, y] = place(event);
    const far = Math.hypot(x - pressed.x, y - pressed.y) > LIFT_AFTER_PX;
    if (!pressed.lifted) {
      if (!far || pressed.done) return;
      if (event.pointerType === "touch") {
        clearTimeout(timer);
        return;
      }
      if (!lift()) return;
      canvas.setPointerCapture(event.pointerId);
    }
    pressed.last = [x, y];
    carry(x, y);
    sliding ||= requestAnimationFrame(slide);
  });

  const letGo = (event, drop) => {
    clearTimeout(timer);
    if (!pressed || event.pointerId !== pressed.id) return;
    const { lifted } = pressed;
    pressed = null;
    if (!lifted || !board.held) return;
    if (drop) board.drop();
    else board.cancel();
  };
  canvas.addEventListener("pointerup", (event) => letGo(event, true));
  canvas.addEventListener("pointercancel", (event) => letGo(event, false));
  canvas.addEventListener("contextmenu", (event) => board.held && event.preventDefault());

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && board.held) board.cancel();
  });

  // A lifted bar keeps the browser from panning; a second finger is no long press.
  scroller.addEventListener("touchstart", (event) => event.touches.length > 1 && clearTimeout(timer), { passive: true });
  scroller.addEventListener("touchmove", (event) => board.held && event.preventDefault(), { passive: false });
}

/**
 * Two fingers zoom the board where they are, and move it along.
 * @param {import("./board.js").Board} board
 */
export function zoomByFingers(board) {
  const { canvas, scroller } = board;
  let before = null;

  const fingers = ({ touches: [one, other] }) => ({
    wide: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
    x: (one.clientX + other.clientX) / 2,
    y: (one.clientY + other.clientY) / 2,
  });

  scroller.addEventListener("touchstart", (event) => {
    before = event.touches.length === 2 && !board.held ? fingers(event) : null;
  }, { passive: true });
  scroller.addEventListener("touchmove", (event) => {
    if (!before || event.touches.length !== 2) return;
    event.preventDefault();
    const here = fingers(event);
    if (before.wide > LEAST_APART_PX && here.wide > LEAST_APART_PX)
      board.zoom(here.wide / before.wide, before.x - canvas.getBoundingClientRect().left);
    scroller.scrollBy(before.x - here.x, before.y - here.y);
    before = here;
  }, { passive: false });
}
