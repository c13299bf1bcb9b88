// Theme switch: light, dark or as the device says. theme-early.js has already set the first theme.

import { behaviour } from "./behaviours.js";

const root = document.documentElement;
const device = matchMedia("(prefers-color-scheme: dark)");

function show() {
  const choice = root.dataset.themeChoice ?? "system";
  const dark = choice === "dark" || (choice === "system" && device.matches);
  root.dataset.bsTheme = dark ? "dark" : "light";
  for (const button of document.querySelectorAll("[data-set-theme]"))
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === choice));
  document.dispatchEvent(new CustomEvent("pb:theme"));
}

function choose(choice) {
  root.dataset.themeChoice = choice;
  try {
    localStorage.setItem("pb.theme", choice);
  } catch {
    // not remembered where storage is switched off
  }
  show();
}

behaviour("[data-set-theme]", (button) => {
  button.setAttribute("aria-pressed", String(button.dataset.setTheme === (root.dataset.themeChoice ?? "system")));
  button.addEventListener("click", () => choose(button.dataset.setTheme));
});

// Paper is light, whatever the screen is; drawings follow.
matchMedia("print").addEventListener("change", ({ matches }) => {
  if (matches) {
    root.dataset.screenTheme = root.dataset.bsTheme;
    root.dataset.bsTheme = "light";
  } else root.dataset.bsTheme = root.dataset.screenTheme ?? root.dataset.bsTheme;
  document.dispatchEvent(new CustomEvent("pb:theme"));
});

device.addEventListener("change", () => {
  if (!("themeFixed" in root.dataset)) show();
});
