// Ticks of a time axis on the site's clock, right on days of 23 and 25 hours.

import { DAY, HOUR, MINUTE, clock, date, day, stretches, zoneName } from "./zone.js";

const STEPS = [
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY,
];

/**
 * Ticks between two instants, at most `most` of them.
 * @returns {{us: number, text: string, brief: string, strong: boolean}[]} strong = local midnight; brief = the same
 *     where there is less room: a day without its weekday
 */
export function timeTicks(from_us, to_us, most, zone) {
  const step = STEPS.find((one) => (to_us - from_us) / one <= most) ?? STEPS.at(-1);
  const parts = stretches(from_us, to_us, zone);
  const instants = [];
  for (const part of parts) {
    let local = Math.ceil((part.from_us + part.offset_us) / step) * step;
    for (; local - part.offset_us < part.to_us; local += step)
      instants.push({ us: local - part.offset_us, local });
  }
  const seen = new Map();
  for (const { local } of instants) seen.set(local, (seen.get(local) ?? 0) + 1);
  return instants.map(({ us, local }) => {
    const strong = local % DAY === 0;
    const name = step > DAY ? date(us, zone) : strong || step === DAY ? day(us, zone) : clock(us, { zone });
    // The hour that comes twice when the clock goes back names its zone.
    const text = seen.get(local) > 1 ? `${name} ${zoneName(us, zone)}` : name;
    return { us, strong, text, brief: strong ? date(us, zone) : text };
  });
}
