// Wheel, drag and pinch on a strip of time. A plain wheel scrolls the page until the strip has the focus.

import { wheelFactor } from "./reading-keys.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./time-scale.js").TimeScale} scale
 * @param {{ draw: () => void, point: (x: number, y: number) => void, leave: () => void, open: () => void }} act
 */
export function pointAndZoom(canvas, scale, act) {
  const fingers = new Map();
  let moved = 0;

  canvas.addEventListener("wheel", (event) => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const zooming = event.ctrlKey || event.metaKey || (document.activeElement === canvas && !sideways);
    if (!zooming && !(sideways && scale.zoomed)) return;
    event.preventDefault();
    if (zooming) scale.zoom(wheelFactor(event), event.offsetX);
    else scale.pan(event.deltaX);
    act.draw();
  }, { passive: false });

  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    moved = 0;
    act.point(event.offsetX, event.offsetY);
  });

  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) {
      act.point(event.offsetX, event.offsetY);
      return;
    }
    if (fingers.size === 2) pinch(event);
    else drag(event, before);
    fingers.set(event.pointerId, event);
  });

  function drag(event, before) {
    const step = before.offsetX - event.offsetX;
    moved += Math.abs(step);
    if (!scale.zoomed || moved < 4) return;
    canvas.setPointerCapture(event.pointerId);
    scale.pan(step);
    act.draw();
  }

  function pinch(event) {
    const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
    const before = Math.abs(fingers.get(event.pointerId).offsetX - other.offsetX);
    const after = Math.abs(event.offsetX - other.offsetX);
    moved += 10;
    if (before < 10 || after < 10) return;
    scale.zoom(after / before, (event.offsetX + other.offsetX) / 2);
    act.draw();
  }

  const lift = (event) => fingers.delete(event.pointerId);
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", (event) => {
    lift(event);
    act.leave();
  });
  canvas.addEventListener("dblclick", () => moved < 4 && act.open());
}
