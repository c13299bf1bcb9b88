// Keys and wheel that the state strip and the schedule share: step by step, lane by lane, closer and wider.

export const ZOOM_STEP = 1.6;
const WHEEL_STEP = 1.0015;

/**
 * @param {HTMLElement} element has the focus
 * @param {{ lane: number, chosen: number, data: { lanes: unknown[] }, step: (lane: number, index: number) => void,
 *   stepLane: (by: number) => void, open: () => void, choose: (lane: number, index: number) => void,
 *   zoom: (factor: number) => void, pan?: (share: number) => void, ownKey?: (event: KeyboardEvent) => boolean }} host
 *   `ownKey` is asked first and says whether it has taken the key
 */
export function readByKeys(element, host) {
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || host.data.lanes.length === 0) return;
    if (host.ownKey?.(event)) {
      event.preventDefault();
      return;
    }
    const sideways = event.shiftKey && host.pan;
    const act = {
      ArrowRight: () => (sideways ? host.pan(0.25) : host.step(host.lane, host.chosen + 1)),
      ArrowLeft: () => (sideways ? host.pan(-0.25) : host.step(host.lane, Math.max(host.chosen, 1) - 1)),
      ArrowDown: () => host.stepLane(1),
      ArrowUp: () => host.stepLane(-1),
      Home: () => host.step(host.lane, 0),
      End: () => host.step(host.lane, Infinity),
      Enter: () => host.open(),
      Escape: () => host.choose(host.lane, -1),
      "+": () => host.zoom(ZOOM_STEP),
      "=": () => host.zoom(ZOOM_STEP),
      "-": () => host.zoom(1 / ZOOM_STEP),
      0: () => host.zoom(0),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** Factor of one wheel event. */
export const wheelFactor = (event) => WHEEL_STEP ** -event.deltaY;

/** A wheel turned with Ctrl or Meta zooms about the pointer; without, the browser scrolls. */
export function zoomByWheel(element, zoom) {
  element.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(wheelFactor(event), event.offsetX);
  }, { passive: false });
}
