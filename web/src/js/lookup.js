// A link to another record: <input list="…" data-lookup="/lookup/item/"> fills its datalist while typing.
// The server answers {"items": [{"key", "label"}]}; the key is what is saved.

import { behaviour } from "./behaviours.js";

const WAIT_MS = 150;

function option({ key, label }) {
  const element = document.createElement("option");
  element.value = key;
  element.textContent = label;
  return element;
}

behaviour("input[data-lookup]", (input) => {
  let timer = 0;
  let asked = null;

  async function ask() {
    const url = new URL(input.dataset.lookup, location.href);
    const text = input.value.trim();
    url.searchParams.set("q", text);
    const { site } = document.documentElement.dataset;
    if (site) url.searchParams.set("site", site);
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(url, { signal: asked.signal, headers: { Accept: "application/json" } });
      if (answer.ok) input.list?.replaceChildren(...(await answer.json()).items.map(option));
    } catch {
      // Another letter was typed, or the network is gone: the field takes what is typed, the server checks it.
    }
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  };
  input.addEventListener("input", soon);
  input.addEventListener("focus", soon, { once: true });
  return () => clearTimeout(timer);
});
