// What of a tablet's taps is where: "3 saved here, not yet at the plant", and what the plant refused.

import { span } from "./ages.js";
import { word } from "./words.js";
import { moment, now } from "./zone.js";

const HOUR_US = 3_600_000_000;

function line(parts) {
  const item = document.createElement("li");
  for (const [tag, text] of parts) {
    const part = document.createElement(tag);
    part.textContent = text;
    item.append(part);
  }
  return item;
}

/** In words: how many taps wait, why, and from when on they are too old. */
function said(outbox, waiting, oldest_us) {
  const n = waiting.length;
  if (n === 0) return outbox.state === "away" ? word("queue.away") : word("queue.none");
  const age_us = now() - Math.min(...waiting.map((tap) => tap.clock_us + (tap.offset_us ?? 0)));
  if (age_us > oldest_us / 2) return word("queue.old", { n, age: span(age_us), limit: Math.round(oldest_us / HOUR_US) });
  if (outbox.state === "blocked") return word("queue.blocked", { n, why: outbox.why });
  if (outbox.state === "away" && outbox.why) return word("queue.held", { n, why: outbox.why });
  return word("queue.some", { n });
}

function reshaped(root, code) {
  const use = root.querySelector("[data-queue-shape] use");
  const address = use?.getAttribute("href");
  if (!address) return;
  use.setAttribute("href", `${address.split("#")[0]}#status-${code}`);
  root.querySelector("[data-queue-shape]").dataset.status = code;
}

function pending(root, waiting) {
  for (const place of root.querySelectorAll("[data-pending]")) {
    const { pending: name } = place.dataset;
    const kinds = { good: "count", quantity: "scrap" };
    const sum = waiting.filter((tap) => tap.kind === kinds[name]).reduce((n, tap) => n + (tap.data[name] ?? 0), 0);
    place.hidden = sum === 0;
    place.textContent = word("queue.pending", { n: sum });
  }
}

function refusal(outbox, notice) {
  const why = notice.problems.map((problem) => [problem.message, problem.allowed].filter(Boolean).join(": ")).join("; ");
  const item = line([["p", `${moment(notice.at_us, now())} · ${notice.label} · ${why}`]]);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "pb-touch";
  button.textContent = word("queue.seen");
  button.addEventListener("click", () => outbox.seen(notice.id));
  item.append(button);
  return item;
}

/** Draw the queue; a refusal is shown to the operator whose tap it was, and to nobody else. */
export async function drawQueue(root, outbox, operators) {
  const [waiting, notices] = await Promise.all([outbox.waiting(), outbox.notices()]);
  const text = said(outbox, waiting, Number(root.dataset.oldestUs));
  const shown = root.querySelector("[data-queue-text]");
  if (shown.textContent !== text) shown.textContent = text;
  root.querySelector("[data-queue-say]").textContent = text;
  root.querySelector("[data-queue-blocked]").hidden = outbox.state !== "blocked";
  const late = outbox.state === "blocked" || text === word("queue.away");
  reshaped(root, waiting.length === 0 ? (late ? "none" : "good") : outbox.state === "blocked" ? "act" : "waiting");
  const list = root.querySelector("[data-queue-list]");
  list.replaceChildren(
    ...waiting.map((tap) => line([["span", moment(tap.clock_us + (tap.offset_us ?? 0), now())], ["strong", tap.label]])),
  );
  pending(root, waiting);
  const own = notices.filter((notice) => operators?.current && notice.operator === operators.current.id);
  const box = root.querySelector("[data-refused]");
  box.hidden = own.length === 0;
  box.querySelector("[data-refused-list]").replaceChildren(...own.map((notice) => refusal(outbox, notice)));
}
