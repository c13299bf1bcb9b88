// Time in the site's zone. Instants are microseconds UTC (as Number: exact to the year 2255); days of 23, 24
// and 25 hours come out right because every label is made from the zone's own offset at that instant.

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const pageZone = () => document.documentElement.dataset.zone || "UTC";
const language = () => document.documentElement.lang || "en";
const formats = new Map();

function format(zone, options) {
  const key = `${zone} ${language()} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language(), { timeZone: zone, ...options }));
  return formats.get(key);
}

const PARTS = {
  calendar: "gregory", numberingSystem: "latn", hourCycle: "h23",
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
};

/** Year, month, day, hour, minute, second of an instant on the site's clock. */
export function civil(us, zone = pageZone()) {
  const parts = {};
  for (const { type, value } of format(zone, PARTS).formatToParts(us / 1000)) parts[type] = Number(value);
  return parts;
}

/** Offset of the zone from UTC at an instant, in microseconds. */
export function offset(us, zone = pageZone()) {
  const at = civil(us, zone);
  const second = Math.floor(us / SECOND) * SECOND;
  return Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second) * 1000 - second;
}

const known = new Map();
const AROUND = 30 * DAY;

/** Stretches of constant offset that cover from..to: [{from_us, to_us, offset_us}], found once for a wider span. */
export function stretches(from_us, to_us, zone = pageZone()) {
  let found = known.get(zone);
  if (!found || from_us < found.from_us || to_us > found.to_us) {
    const wide = { from_us: from_us - AROUND, to_us: to_us + AROUND };
    found = { ...wide, parts: searched(wide.from_us, wide.to_us, zone) };
    known.set(zone, found);
  }
  return found.parts
    .map((part) => ({ ...part, from_us: Math.max(part.from_us, from_us), to_us: Math.min(part.to_us, to_us) }))
    .filter((part) => part.to_us > part.from_us || (from_us === to_us && part.to_us === part.from_us));
}

function searched(from_us, to_us, zone) {
  const found = [];
  let start = from_us;
  let current = offset(from_us, zone);
  let left = from_us;
  while (left < to_us) {
    const right = Math.min(left + 6 * HOUR, to_us);
    if (offset(right, zone) !== current) {
      const change = bisect(left, right, current, zone);
      found.push({ from_us: start, to_us: change, offset_us: current });
      start = change;
      current = offset(change, zone);
    }
    left = right;
  }
  found.push({ from_us: start, to_us, offset_us: current });
  return found;
}

function bisect(left, right, before, zone) {
  let low = Math.floor(left / SECOND);
  let high = Math.ceil(right / SECOND);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle * SECOND, zone) === before) low = middle;
    else high = middle;
  }
  return high * SECOND;
}

/** "14:03" or "14:03:12" on the site's clock. */
export const clock = (us, { seconds = false, zone = pageZone() } = {}) =>
  format(zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(seconds && { second: "2-digit" }) })
    .format(us / 1000);

/** "Mon 3 Mar", in the page's language. */
export const day = (us, zone = pageZone()) =>
  format(zone, { weekday: "short", day: "numeric", month: "short" }).format(us / 1000);

/** The same without the day of the week: "Oct 22". */
export const date = (us, zone = pageZone()) => format(zone, { day: "numeric", month: "short" }).format(us / 1000);

/** Clock alone when the instant is on the same local day as `now_us`, else with the day. */
export function moment(us, now_us, { seconds = false, zone = pageZone() } = {}) {
  const [a, b] = [civil(us, zone), civil(now_us, zone)];
  const today = a.year === b.year && a.month === b.month && a.day === b.day;
  return today ? clock(us, { seconds, zone }) : `${day(us, zone)} ${clock(us, { seconds, zone })}`;
}

/** Short name of the offset in force ("CEST", "GMT+2"): tells the two hours of a 25-hour day apart. */
export function zoneName(us, zone = pageZone()) {
  const parts = format(zone, { hour: "2-digit", timeZoneName: "short" }).formatToParts(us / 1000);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

// The device's clock may be wrong, and a demonstration's clock may run faster. The page and the live stream carry
// the server's time of sending; from these the server's present and its speed are known.
const WINDOW_MS = 600_000;
const SPEED_AFTER_MS = 3_000;
const JUMP_US = 60 * SECOND;
let heard = [];
let pace = 1;

const ahead = (one) => one.us - one.device_us;

/** Learn the server's clock from a message that has just arrived. */
export function learnServerClock(sent_us) {
  const one = { us: sent_us, device_us: Date.now() * 1000, at_ms: performance.now() };
  const last = heard.at(-1);
  // Sent later and yet far behind: the server's clock was set back.
  if (last && pace === 1 && ahead(one) < ahead(last) - JUMP_US) heard = [];
  heard = heard.filter((old) => one.at_ms - old.at_ms < WINDOW_MS).slice(-60);
  heard.push(one);
  const first = heard.find((old) => one.at_ms - old.at_ms < 30_000);
  if (one.at_ms - first.at_ms < SPEED_AFTER_MS) return;
  const measured = (one.us - first.us) / ((one.at_ms - first.at_ms) * 1000);
  pace = measured > 1.5 ? measured : 1;
}

/** How fast the server's clock runs: 1, or the speed of a demonstration. */
export const speed = () => pace;

/** Now on the server's clock, in microseconds; the device's clock until the server's is known. */
export function now() {
  if (heard.length === 0) return Date.now() * 1000;
  const last = heard.at(-1);
  if (pace > 1) return last.us + (performance.now() - last.at_ms) * 1000 * pace;
  // A delay on the way makes a difference smaller: the largest is the best.
  return Date.now() * 1000 + Math.max(...heard.map(ahead));
}

/** Site-local "YYYY-MM-DDTHH:MM" of an instant, the value of a datetime-local field. */
export function localField(us, zone = pageZone()) {
  const at = civil(us, zone);
  const two = (number) => String(number).padStart(2, "0");
  return `${at.year}-${two(at.month)}-${two(at.day)}T${two(at.hour)}:${two(at.minute)}`;
}
