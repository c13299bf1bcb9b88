// What a state strip shows, without any drawing: lanes of spans in time order, found by place and by time.

import { now } from "./zone.js";

/** Index of the span that holds an instant, or of the nearest one; -1 in an empty lane. */
export function spanAt(spans, us) {
  let [low, high] = [0, spans.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (spans[middle].from_us <= us) low = middle;
    else high = middle - 1;
  }
  return spans.length === 0 ? -1 : low;
}

/** End of a span; an open one reaches the present, but not past the end of the strip. */
export const endOf = (span, data) => span.to_us ?? Math.max(span.from_us, Math.min(now(), data.to_us));

/** Sorted copy of what the server sent. */
export function readStrip(text) {
  const data = JSON.parse(text);
  for (const lane of data.lanes) lane.spans.sort((a, b) => a.from_us - b.from_us);
  return data;
}

/** Microseconds per state in one lane, within the strip's limits, in the order of first appearance. */
export function totals(lane, data) {
  const sums = new Map();
  for (const span of lane.spans) {
    const us = Math.min(endOf(span, data), data.to_us) - Math.max(span.from_us, data.from_us);
    if (us > 0) sums.set(span.state, (sums.get(span.state) ?? 0) + us);
  }
  return sums;
}

/** A new state from the live stream ends the open span and opens its own. */
export function addState(lane, value) {
  const open = lane.spans.at(-1);
  const at_us = value.at_us ?? now();
  if (!value.state || (open && at_us < open.from_us)) return false;
  if (open && open.to_us == null) {
    if (open.state === value.state && (value.reason ?? open.reason) === open.reason) return false;
    open.to_us = at_us;
  }
  lane.spans.push({ state: value.state, from_us: at_us, to_us: null, reason: value.reason, href: value.href });
  return true;
}
