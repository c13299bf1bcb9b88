// Short messages. The server raises one with the header HX-Trigger: {"toast": {"text": "...", "status": "good"}}.

import { word } from "./words.js";

const STAY_MS = 6000;

function shape(status) {
  const sprite = document.querySelector("[data-toasts]").dataset.sprite;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "pb-shape");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#status-${status}`);
  svg.append(use);
  return svg;
}

/**
 * Show a toast. Status "act" is announced at once and stays until it is closed; others leave by themselves,
 * but not while pointed at or focused.
 */
export function toast(text, status = "good") {
  const area = document.querySelector(`[data-toasts] > [data-toasts-${status === "act" ? "urgent" : "calm"}]`);
  if (!area) return;
  const box = document.createElement("div");
  box.className = "pb-toast";
  box.dataset.status = status;
  const said = document.createElement("p");
  said.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-ghost btn-icon";
  close.setAttribute("aria-label", word("close"));
  close.textContent = "×";
  close.addEventListener("click", () => box.remove());
  box.append(shape(status), said, close);
  area.append(box);
  if (status !== "act") leave(box);
}

function leave(box) {
  let timer = setTimeout(() => box.remove(), STAY_MS);
  const stay = () => clearTimeout(timer);
  const go = () => {
    stay();
    timer = setTimeout(() => box.remove(), STAY_MS);
  };
  box.addEventListener("pointerenter", stay);
  box.addEventListener("focusin", stay);
  box.addEventListener("pointerleave", go);
  box.addEventListener("focusout", go);
}

/** Toasts asked for by the server, and failures of htmx requests in one clear sentence. */
export function startToasts() {
  document.addEventListener("toast", (event) => {
    const detail = event.detail ?? {};
    toast(detail.text ?? detail.value ?? "", detail.status);
  });
  document.addEventListener("htmx:sendError", () => toast(word("request.offline"), "act"));
  document.addEventListener("htmx:timeout", () => toast(word("request.timeout"), "act"));
  document.addEventListener("htmx:responseError", (event) => {
    const xhr = event.detail.xhr;
    const id = xhr.getResponseHeader("X-Request-ID");
    const key = xhr.status === 403 ? "request.forbidden" : "request.failed";
    toast(id ? `${word(key)} ${word("request.id", { id })}` : word(key), "act");
  });
}
