// Live values over server-sent events, one connection per page.
//
//   <body data-live="line/L1 cell/M2">                opens /live/?watch=line/L1&watch=cell/M2&site=…&lang=…
//   <article data-live-key="line-1.oee" data-at-us="…" data-stale-after="30" data-status="good">
//     <span data-live-field="text">81.3</span>        gets the frame's "text"
//     <span data-live-shape="status"></span>          an <svg><use> whose shape follows the status (or state)
//     <span data-live-word="status"></span>           the word of the status (or state)
//     <a data-live-href="url">…</a>                   opens the frame's "url"
//     <time data-age></time>                          see ages.js
//
// Events: "snapshot" {key: {text, state, status, at_us, any other field}} everything, so that what is not in it is
// gone; "delta" what differs, null for what is gone; "beat" {at_us} the server's clock, and that nothing newer is
// known. Without a word for five seconds every keyed element greys out. Each keyed element also gets the event
// "pb:live" with its part of the frame.

import { setUnheard, tick } from "./ages.js";
import { behaviour } from "./behaviours.js";
import { clock, learnServerClock, now } from "./zone.js";
import { stateWord, statusWord, word } from "./words.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
const QUIET_MS = 5000;
// Browsers allow six connections to a server without HTTP/2: a tab nobody looks at gives its one back.
const HIDDEN_MS = 30_000;
const WORDS = { state: stateWord, status: statusWord };

const last = new Map();
const listeners = new Map();

/** A frame goes to every language: where it names a state by its code, the page has the word for it. */
function wordOf(name, value) {
  const code = value[`${name}_code`];
  return code ? word(`line_state.${code}`) : (value[`${name}_word`] ?? WORDS[name](value[name]));
}

function fill(element, value) {
  const parts = element.querySelectorAll("[data-live-field], [data-live-word], [data-live-shape], [data-live-href]");
  for (const part of parts) {
    const { liveField, liveWord, liveShape, liveHref } = part.dataset;
    if (liveHref && value[liveHref]) part.href = value[liveHref];
    if (liveField && liveField in value) part.textContent = value[liveField] ?? (liveField === "reason" ? "" : "–");
    if (liveWord && liveWord in value) part.textContent = wordOf(liveWord, value);
    if (liveShape && liveShape in value) reshape(part, liveShape, value[liveShape]);
  }
  if (parts.length === 0 && "text" in value) element.textContent = value.text ?? "–";
}

function reshape(part, group, code) {
  const use = part.matches("use") ? part : part.querySelector("use");
  const address = use?.getAttribute("href");
  const name = { done: "good", bad: "act" }[code] ?? code;
  if (address) use.setAttribute("href", `${address.split("#")[0]}#${group}-${name}`);
  part.closest(`[data-${group}]`)?.setAttribute(`data-${group}`, code);
}

function show(element, value) {
  if ("state" in value && "state" in element.dataset) element.dataset.state = value.state;
  if ("status" in value && "status" in element.dataset) element.dataset.status = value.status;
  if (value.at_us) element.dataset.atUs = value.at_us;
  fill(element, value);
  element.classList.remove("is-fresh");
  requestAnimationFrame(() => element.classList.add("is-fresh"));
  for (const part of [element, ...element.querySelectorAll("[data-age], [data-stale-after]")]) tick(part);
  element.dispatchEvent(new CustomEvent("pb:live", { detail: value, bubbles: true }));
}

/** What is shown for a key that has gone: no value, and no data, instead of the last one. */
const gone = () => ({ text: null, reason: null, status: "none", status_word: word("none"), state: "no_data" });

/** Show one frame on every element that carries one of its keys. */
export function showFrame(frame) {
  for (const [key, given] of Object.entries(frame)) {
    const value = given ?? gone();
    last.set(key, value);
    for (const hear of listeners.get(key) ?? []) hear(value);
    for (const element of document.querySelectorAll(`[data-live-key="${CSS.escape(key)}"]`)) show(element, value);
  }
}

/** Show everything that is watched: what was shown before and is not in it has gone. */
export function showSnapshot(snapshot) {
  const shown = [...document.querySelectorAll("[data-live-key]")].map((element) => element.dataset.liveKey);
  const missing = [...last.keys(), ...listeners.keys(), ...shown].filter((key) => !(key in snapshot));
  showFrame({ ...Object.fromEntries(missing.map((key) => [key, null])), ...snapshot });
}

/** Call `hear` with every frame of a key, for parts that draw themselves. @returns {() => void} what stops it */
export function listen(key, hear) {
  if (!listeners.has(key)) listeners.set(key, new Set());
  listeners.get(key).add(hear);
  return () => listeners.get(key).delete(hear);
}

function say(state, since_us = null) {
  for (const element of document.querySelectorAll("[data-live-status]")) {
    element.dataset.link = state;
    const text = state === "lost" ? word("live.lost", { at: clock(since_us) }) : word(`live.${state}`);
    if (element.textContent !== text) element.textContent = text;
  }
}

/** The page's connection: the browser reconnects by itself; after a refusal we try again, ever more slowly. */
function connect(watched) {
  let source = null;
  let wait_ms = FIRST_WAIT_MS;
  let retry = 0;
  let hiding = 0;
  let quiet = 0;
  let heard_us = now();

  function hear() {
    heard_us = now();
    clearTimeout(quiet);
    quiet = setTimeout(lose, QUIET_MS);
    setUnheard(false);
    say("on");
  }

  function lose() {
    setUnheard(true);
    say("lost", heard_us);
  }

  function address() {
    const url = new URL("/live/", location.href);
    for (const one of watched) url.searchParams.append("watch", one);
    const { site } = document.documentElement.dataset;
    if (site) url.searchParams.set("site", site);
    // Live values speak the language of the page they stand on.
    url.searchParams.set("lang", document.documentElement.lang);
    return url;
  }

  function open() {
    source = new EventSource(address());
    const showing = (display) => (event) => {
      hear();
      display(JSON.parse(event.data));
    };
    source.onopen = () => {
      wait_ms = FIRST_WAIT_MS;
    };
    source.addEventListener("snapshot", showing(showSnapshot));
    source.addEventListener("delta", showing(showFrame));
    source.addEventListener("beat", (event) => {
      learnServerClock(JSON.parse(event.data).at_us);
      hear();
    });
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      clearTimeout(retry);
      retry = setTimeout(open, wait_ms);
      wait_ms = Math.min(wait_ms * 2, LONGEST_WAIT_MS);
    };
  }

  function close() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  function reopen() {
    if (source && source.readyState !== EventSource.CLOSED) return;
    close();
    open();
  }

  open();
  quiet = setTimeout(lose, QUIET_MS);
  // A page put aside by the browser must not hold a connection; coming back it opens anew.
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && reopen());
  addEventListener("online", reopen);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(close, HIDDEN_MS);
    else reopen();
  });
}

behaviour("[data-live]", (element) => {
  const watched = element.dataset.live.split(/\s+/).filter(Boolean);
  if (watched.length > 0) connect(watched);
});

// A row that htmx has just swapped in shows the latest frame, unless it was rendered after it.
behaviour("[data-live-key]", (element) => {
  const value = last.get(element.dataset.liveKey);
  if (value && (value.at_us ?? 0) >= Number(element.dataset.atUs || 0)) show(element, value);
});
