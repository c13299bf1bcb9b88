// Forms: leaving with unsaved changes, sending twice, times in the site's zone, another person's change.

import { behaviour } from "./behaviours.js";
import { localField, now } from "./zone.js";
import { word } from "./words.js";

const dirty = new Set();

function content(form) {
  const entries = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  return JSON.stringify(entries.map(([name, value]) => [name, value instanceof File ? value.name : value]));
}

// <form data-warn-dirty>: the browser asks before the page is left, htmx before the form is swapped away.
behaviour("form[data-warn-dirty]", (form) => {
  const before = content(form);
  const note = form.querySelector("[data-dirty-note]");
  const look = () => {
    const changed = content(form) !== before;
    if (changed) dirty.add(form);
    else dirty.delete(form);
    if (note) note.textContent = changed ? word("form.dirty") : "";
  };
  form.addEventListener("input", look);
  form.addEventListener("change", look);
  form.addEventListener("submit", () => dirty.delete(form));
  return () => dirty.delete(form);
});

// Every form that is not sent with GET: one press is one sending.
behaviour("form", (form) => {
  if (form.method === "dialog") return; // closes its dialog, sends nothing
  if (form.method === "get" && !form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) return;
  form.addEventListener("submit", (event) => {
    if (form.dataset.sending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // After the other listeners had their say: a stopped submit must not lock the form.
    setTimeout(() => !event.defaultPrevented && lock(form, event.submitter));
  });
  form.addEventListener("htmx:beforeRequest", (event) => event.target === form && lock(form, null));
  form.addEventListener("htmx:afterRequest", (event) => event.target === form && unlock(form));
});

function lock(form, submitter) {
  form.dataset.sending = "yes";
  const button = submitter ?? form.querySelector("button:not([type='button']), input[type='submit']");
  button?.setAttribute("aria-busy", "true");
}

function unlock(form) {
  delete form.dataset.sending;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

// <button type="button" data-set-now="#id">: the site's time, whatever zone the device is in.
behaviour("[data-set-now]", (button) => {
  button.addEventListener("click", () => {
    const field = document.querySelector(button.dataset.setNow);
    const text = localField(now());
    field.value = { date: text.slice(0, 10), time: text.slice(11) }[field.type] ?? text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
});

// <select data-submit-on-change>: filters apply at once.
behaviour("[data-submit-on-change]", (field) => {
  field.addEventListener("change", () => field.form.requestSubmit());
});

// The first error, the error summary or another person's change gets the focus when the form comes back.
behaviour("[data-focus-first]", (element) => element.focus());

// In a conflict, "take theirs" writes their value into the field; the person still saves.
behaviour("[data-take]", (button) => {
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.take);
    if (!field) return;
    field.value = button.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    button.setAttribute("aria-pressed", "true");
  });
});

export function startForms() {
  addEventListener("beforeunload", (event) => {
    for (const form of dirty) if (!form.isConnected) dirty.delete(form);
    if (dirty.size > 0) event.preventDefault();
  });
  // Back from the browser's cache: the form can be sent again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.forms) unlock(form);
  });
}
