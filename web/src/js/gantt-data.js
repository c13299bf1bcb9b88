// Bars of a schedule by lane, without any drawing.

/**
 * Index of the first bar of a lane that may still be seen at `us`. Bars are sorted by start; `reach` holds the
 * latest end of all bars up to each index, so overlapping bars are not missed.
 */
export function firstSeen(lane, us) {
  let [low, high] = [0, lane.bars.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lane.reach[middle] < us) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the bar under an instant, or -1; of overlapping bars the last one drawn. */
export function barUnder(lane, us) {
  let found = -1;
  for (let i = firstSeen(lane, us); i < lane.bars.length && lane.bars[i].from_us <= us; i++)
    if (lane.bars[i].to_us > us) found = i;
  return found;
}

/** Index of the bar whose middle is nearest to an instant, -1 in an empty lane. */
export function barNear(lane, us) {
  let best = -1;
  let least = Infinity;
  lane.bars.forEach((bar, i) => {
    const distance = Math.abs((bar.from_us + bar.to_us) / 2 - us);
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

/** What the server sent, bars put into their lanes in order of start. */
export function readGantt(text) {
  const data = JSON.parse(text);
  const lanes = new Map(data.lanes.map((lane) => [lane.id, { ...lane, bars: [], reach: [] }]));
  for (const bar of data.bars) lanes.get(bar.lane)?.bars.push(bar);
  for (const lane of lanes.values()) {
    lane.bars.sort((a, b) => a.from_us - b.from_us || a.to_us - b.to_us);
    let reach = -Infinity;
    for (const bar of lane.bars) lane.reach.push((reach = Math.max(reach, bar.to_us)));
  }
  return { ...data, lanes: [...lanes.values()] };
}
