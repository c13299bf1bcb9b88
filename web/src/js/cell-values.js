// What a pasted text means in a cell: a number with the sheet's own decimal sign, a date, a choice, plain text.
// Each reader returns {value} or {allowed: sentence}, never a guess without saying so ({value, readAs}).

import { word } from "./words.js";

const language = () => document.documentElement.lang || "en";

function pageDecimal() {
  const part = new Intl.NumberFormat(language()).formatToParts(1.5).find(({ type }) => type === "decimal");
  return part.value === "," ? "," : ".";
}

const bare = (text) => text.trim().replace(/[\s\u00a0\u202f']/g, "").replace(/^[−–]/, "-");

/** The sign a text proves to be decimal: the last of two kinds, or one that cannot part thousands. */
function provenDecimal(text) {
  const number = bare(text);
  if (!/^[-+]?[\d.,]+$/.test(number)) return null;
  const last = Math.max(number.lastIndexOf("."), number.lastIndexOf(","));
  if (last < 0) return null;
  const sign = number[last];
  const other = sign === "." ? "," : ".";
  if (number.includes(other)) return sign;
  const parts = number.replace(/^[-+]/, "").split(sign);
  if (parts.length > 2) return other;
  const thousands = parts[1].length === 3 && /^[1-9]\d{0,2}$/.test(parts[0]);
  return thousands ? null : sign;
}

/**
 * Decimal sign of a pasted block. One number that settles it settles all; where numbers contradict each other or
 * none settles it, the page's language decides and `sure` is false.
 */
export function decimalSign(texts) {
  const proven = new Set(texts.map(provenDecimal).filter(Boolean));
  if (proven.size === 1) return { sign: [...proven][0], sure: true };
  return { sign: pageDecimal(), sure: false };
}

function readNumber(text, cell, decimal) {
  const { min, max, decimals } = cell.dataset;
  const allowed = { allowed: numberRule(min, max, decimals) };
  const plain = bare(text).replace(/%$/, "");
  const sign = provenDecimal(plain) ?? decimal.sign;
  const grouped = sign === "." ? "," : ".";
  const pattern = new RegExp(`^[-+]?(\\d+|\\d{1,3}(\\${grouped}\\d{3})+)(\\${sign}\\d+)?$|^[-+]?\\${sign}\\d+$`);
  if (!pattern.test(plain)) return allowed;
  const value = plain.replaceAll(grouped, "").replace(sign, ".").replace(/^\+/, "");
  const number = Number(value);
  if (min && number < Number(min)) return allowed;
  if (max && number > Number(max)) return allowed;
  if (decimals && (value.split(".")[1] ?? "").replace(/0+$/, "").length > Number(decimals)) return allowed;
  const unsure = !decimal.sure && /[.,]/.test(plain) && provenDecimal(plain) === null;
  return unsure ? { value, readAs: value } : { value };
}

function numberRule(min, max, decimals) {
  if (min && max) return word("grid.number_between", { min, max });
  if (min) return word("grid.number_from", { min });
  if (decimals === "0") return word("grid.number_whole");
  return word("grid.number");
}

const two = (number) => String(number).padStart(2, "0");

function realDate(year, month, dayOfMonth) {
  const date = new Date(Date.UTC(year, month - 1, dayOfMonth));
  const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === dayOfMonth;
  return same ? `${year}-${two(month)}-${two(dayOfMonth)}` : null;
}

function dayFirst() {
  const parts = new Intl.DateTimeFormat(language()).formatToParts(0).map((part) => part.type);
  return parts.indexOf("day") < parts.indexOf("month");
}

function readDate(text) {
  const allowed = { allowed: word("grid.date") };
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$/.exec(text.trim());
  if (iso) {
    const value = realDate(Number(iso[1]), Number(iso[2]), Number(iso[3]));
    return value ? { value } : allowed;
  }
  const local = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$/.exec(text.trim());
  if (!local) return allowed;
  const [a, b, year] = [Number(local[1]), Number(local[3]), Number(local[4])];
  const first = local[2] === "." || a > 12 || (b <= 12 && dayFirst());
  const value = first ? realDate(year, b, a) : realDate(year, a, b);
  if (!value) return allowed;
  const unsure = local[2] !== "." && a <= 12 && b <= 12 && a !== b;
  return unsure ? { value, readAs: value } : { value };
}

function readTime(text) {
  const time = /^(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(text.trim());
  const right = time && Number(time[1]) < 24 && Number(time[2]) < 60;
  return right ? { value: `${two(time[1])}:${time[2]}` } : { allowed: word("grid.time") };
}

function readChoice(text, select) {
  const wanted = text.trim().toLocaleLowerCase();
  const options = [...select.options];
  const found = options.find((option) =>
    [option.value, option.textContent.trim()].some((name) => name.toLocaleLowerCase() === wanted));
  if (found) return { value: found.value };
  const names = options.map((option) => option.textContent.trim()).filter(Boolean);
  const list = names.slice(0, 6).join(", ") + (names.length > 6 ? ", …" : "");
  return { allowed: word("grid.one_of", { list }) };
}

function readTick(text) {
  const yes = ["1", "x", "✓", "true", "yes", word("yes").toLocaleLowerCase()];
  const no = ["", "0", "false", "no", word("no").toLocaleLowerCase()];
  const said = text.trim().toLocaleLowerCase();
  if (yes.includes(said)) return { value: true };
  return no.includes(said) ? { value: false } : { allowed: word("grid.yes_no") };
}

function readText(text, cell) {
  const value = text.trim();
  const { maxLength, pattern } = cell;
  if (maxLength > 0 && value.length > maxLength) return { allowed: word("grid.longest", { n: maxLength }) };
  if (pattern && !new RegExp(`^(?:${pattern})$`, "v").test(value)) return { allowed: cell.title || pattern };
  return { value };
}

/**
 * Meaning of a pasted text in one cell (an input or select).
 * @returns {{value: string | boolean, readAs?: string} | {allowed: string}}
 */
export function readCell(text, cell, decimal) {
  if (cell.disabled || cell.readOnly) return { allowed: word("grid.fixed") };
  if (cell.type === "checkbox") return readTick(text);
  if (text.trim() === "") return cell.required ? { allowed: word("grid.required") } : { value: "" };
  if (cell.matches("select")) return readChoice(text, cell);
  const kind = cell.dataset.kind ?? cell.type;
  if (kind === "number") return readNumber(text, cell, decimal);
  if (kind === "date") return readDate(text);
  if (kind === "time") return readTime(text);
  return readText(text, cell);
}
