// One SVG sprite: the Tabler icons named in src/icons.json and our own shapes of state and status.

import { readFile } from "node:fs/promises";
import path from "node:path";

/** @param {string} here folder of package.json @returns {Promise<string>} the sprite's text */
export async function iconSprite(here) {
  const json = async (name) => JSON.parse(await readFile(path.join(here, "src", name), "utf8"));
  const symbols = [];
  for (const name of await json("icons.json")) {
    const file = path.join(here, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
    const text = await readFile(file, "utf8");
    const drawn = [...text.matchAll(/<(path|circle|line|rect|ellipse|polyline) [^>]*>/g)]
      .map((match) => match[0])
      .filter((element) => !element.includes('stroke="none"'));
    if (drawn.length === 0) throw new Error(`${file}: no drawing found in this icon`);
    symbols.push(
      `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
        `stroke-linecap="round" stroke-linejoin="round">${drawn.join("")}</symbol>`,
    );
  }
  for (const [group, shapes] of Object.entries(await json("shapes.json")))
    for (const [name, d] of Object.entries(shapes))
      symbols.push(
        `<symbol id="${group}-${name}" viewBox="-1 -1 18 18"><path fill-rule="evenodd" d="${d}"/></symbol>`,
      );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

/** The tab's icon: the brand's pulse line on its own square. @returns {Promise<string>} */
export async function brandIcon(here) {
  const shapes = JSON.parse(await readFile(path.join(here, "src/shapes.json"), "utf8"));
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-5 -5 26 26"><rect x="-5" y="-5" width="26" height="26" rx="6" ' +
    `fill="#1f4e8c"/><path d="${shapes.brand.mark}" fill="none" stroke="#fff" stroke-width="2.2" ` +
    'stroke-linecap="round" stroke-linejoin="round"/></svg>\n'
  );
}
