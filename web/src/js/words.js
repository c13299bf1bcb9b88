// Words the scripts show, translated by the server: base.html carries them as one JSON block.

let texts = null;

function all() {
  const block = document.getElementById("pb-words");
  if (!texts && block) texts = JSON.parse(block.textContent);
  return texts ?? {};
}

/**
 * The translated text of a key, with {name} places filled in.
 * A missing key shows itself, so that it is seen and not silently empty.
 */
export function word(key, values = {}) {
  const text = all()[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

/** Word of a machine state or of a status, such as word "Own stop" of "own_stop". */
export const stateWord = (state) => word(`state.${state}`);
export const statusWord = (status) => word(`status.${status}`);
