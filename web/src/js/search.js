// The one search box: "/" focuses it from anywhere, arrows walk the results, Enter opens, Escape leaves.

import { behaviour } from "./behaviours.js";

const typing = (element) => element.closest("input, textarea, select, [contenteditable='true']");

function options(form) {
  return [...form.querySelectorAll("[data-search-results] [role='option']")];
}

/** Mark one result as chosen; `at` is its place in the list, -1 for none. */
function select(form, input, at) {
  options(form).forEach((option, i) => {
    option.id ||= `pb-result-${i}`;
    option.setAttribute("aria-selected", String(i === at));
    if (i !== at) return;
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  });
  if (at < 0) input.removeAttribute("aria-activedescendant");
}

function close(form, input) {
  form.querySelector("[data-search-results]").replaceChildren();
  form.classList.remove("is-open");
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function onKey(event, form, input) {
  const all = options(form);
  const chosen = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (all.length === 0) return;
    const next = event.key === "ArrowDown" ? chosen + 1 : (chosen < 0 ? 0 : chosen) - 1;
    select(form, input, (next + all.length) % all.length);
  } else if (event.key === "Enter" && chosen >= 0) {
    event.preventDefault();
    all[chosen].click();
  } else if (event.key === "Escape") {
    close(form, input);
    input.value = "";
    input.blur();
  }
}

behaviour("[data-search]", (form) => {
  const input = form.querySelector("input");
  const results = form.querySelector("[data-search-results]");
  input.addEventListener("keydown", (event) => onKey(event, form, input));
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close(form, input);
  });
  const seen = new MutationObserver(() => {
    input.setAttribute("aria-expanded", String(options(form).length > 0));
    select(form, input, -1);
  });
  seen.observe(results, { childList: true });
  return () => seen.disconnect();
});

function openSearch() {
  const form = document.querySelector("[data-search]");
  if (!form) return false;
  form.classList.add("is-open");
  form.querySelector("input").focus();
  return true;
}

behaviour("[data-search-open]", (button) => {
  // Not a focusout of the button's own making: the box opens after the click has run its course.
  button.addEventListener("click", () => setTimeout(openSearch));
});

export function startSearch() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (openSearch()) event.preventDefault();
  });
}
