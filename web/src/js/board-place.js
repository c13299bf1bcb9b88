// Where a lifted bar would go, without any drawing: a place in the sequence of a machine.

/** Bars of a lane without the lifted one, in order of start. */
export const others = (lane, bar) => lane.bars.filter((one) => one.id !== bar.id);

/** The bar behind which one would go that begins about `us`: the last whose middle lies before; -1: first. */
export function placeAt(lane, bar, us) {
  let place = -1;
  others(lane, bar).forEach((one, i) => {
    if ((one.from_us + one.setup_us + one.to_us) / 2 <= us) place = i;
  });
  return place;
}

/** Index of a bar's present place among the others of its lane. */
export const placeOf = (lane, bar) => lane.bars.findIndex((one) => one.id === bar.id) - 1;

/** What the server is asked: a place as the order and step it lies behind. */
export function moveOf(lane, bar, place) {
  const after = place < 0 ? null : others(lane, bar)[place];
  return { order: bar.order, step: bar.step, machine: lane.id, after: after ? after.id : "" };
}

/** Instant at which a place begins, for the mark that shows it. */
export function edgeOf(lane, bar, place, from_us) {
  return place < 0 ? from_us : others(lane, bar)[place].to_us;
}

/** Put changed bars into their lanes, sorted anew. */
export function takeBars(lanes, bars) {
  const known = new Map(lanes.map((lane) => [lane.id, lane]));
  for (const lane of lanes) lane.bars = [];
  for (const bar of bars) known.get(bar.lane)?.bars.push(bar);
  for (const lane of lanes) {
    lane.bars.sort((a, b) => a.from_us - b.from_us || a.to_us - b.to_us);
    let reach = -Infinity;
    lane.reach = lane.bars.map((bar) => (reach = Math.max(reach, bar.to_us)));
  }
}
