// Behaviours attach to elements by a selector, on first load and after each htmx swap, once per element.

const known = [];
const detachers = new WeakMap();

/**
 * @param {string} selector elements that get the behaviour
 * @param {(element: Element) => (void | (() => void) | Promise<void | (() => void)>)} attach
 *   may return what undoes it when htmx removes the element
 */
export function behaviour(selector, attach) {
  known.push({ selector, attach, done: new WeakSet() });
}

/** A behaviour whose module is fetched only when a page has such an element. The module exports `attach`. */
export function lazyBehaviour(selector, load) {
  behaviour(selector, async (element) => (await load()).attach(element));
}

function keepDetacher(element, undo) {
  if (typeof undo !== "function") return;
  detachers.set(element, [...(detachers.get(element) ?? []), undo]);
}

export function attachAll(root) {
  for (const { selector, attach, done } of known) {
    const found = [...root.querySelectorAll(selector)];
    if (root instanceof Element && root.matches(selector)) found.unshift(root);
    for (const element of found) {
      if (done.has(element)) continue;
      done.add(element);
      const undo = attach(element);
      if (undo instanceof Promise) undo.then((late) => keepDetacher(element, late));
      else keepDetacher(element, undo);
    }
  }
}

function detach(element) {
  for (const undo of detachers.get(element) ?? []) undo();
  detachers.delete(element);
}

/** Attach now and after every htmx swap. */
export function startBehaviours() {
  attachAll(document);
  document.addEventListener("htmx:load", (event) => attachAll(event.detail.elt));
  document.addEventListener("htmx:beforeCleanupElement", (event) => detach(event.detail.elt));
}
