// Builds the pages' scripts, styles, icons and fonts into one folder. Called by ../hatch_build.py.
//
//   node build.mjs [--out FOLDER] [--watch]
//
// Writes FOLDER (default ../src/plantbeat/static/dist) and dist/ here: packages.json, the npm packages whose
// text ended up in the bundle (the licence list is made from it), and axe.min.js for the browser tests.

import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { appIcon } from "./build/app-icons.mjs";
import { brandIcon, iconSprite } from "./build/icons.mjs";
import { sassPlugin } from "./build/sass.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const option = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const OUT = path.resolve(option("--out", path.join(HERE, "../src/plantbeat/static/dist")));
const DEV = path.join(HERE, "dist");
// The oldest browsers served: light-dark(), nesting, :has() and <dialog> work in all of them.
const BROWSERS = ["chrome123", "firefox121", "safari17.5"];

/** Name of the npm package a bundled file belongs to, or null for our own files. */
function packageOf(file) {
  const parts = file.split(/[\\/]/);
  const at = parts.lastIndexOf("node_modules");
  if (at < 0) return null;
  return parts[at + 1].startsWith("@") ? `${parts[at + 1]}/${parts[at + 2]}` : parts[at + 1];
}

function settings(extra) {
  return {
    absWorkingDir: HERE,
    outdir: OUT,
    bundle: true,
    minify: true,
    metafile: true,
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    ...extra,
  };
}

async function bundles(used) {
  return [
    settings({
      entryPoints: { app: "src/js/app.js" },
      format: "esm",
      splitting: true,
      target: "es2022",
      chunkNames: "chunks/[name]-[hash]",
    }),
    settings({
      entryPoints: { "theme-early": "src/js/theme-early.js", "terminal-worker": "src/js/terminal-worker.js" },
      format: "iife",
      target: "es2022",
    }),
    settings({
      entryPoints: { app: "src/css/app.css", wall: "src/css/wall.css" },
      target: BROWSERS,
      loader: { ".woff2": "file" },
      assetNames: "fonts/[name]",
      plugins: [sassPlugin(HERE, used)],
    }),
  ];
}

async function report() {
  const lines = [];
  for (const entry of await readdir(OUT, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|css|svg)$/.test(entry.name)) continue;
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    const text = await readFile(file);
    lines.push([path.relative(OUT, file), text.length, gzipSync(text, { level: 9 }).length]);
  }
  lines.sort((a, b) => b[2] - a[2]);
  const kB = (n) => (n / 1000).toFixed(1).padStart(8);
  console.log("file".padEnd(44), "      kB", "   gz kB");
  for (const [name, raw, packed] of lines) console.log(name.padEnd(44), kB(raw), kB(packed));
}

async function main() {
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  await mkdir(DEV, { recursive: true });
  const used = new Set(["@tabler/icons"]);
  await writeFile(path.join(OUT, "icons.svg"), await iconSprite(HERE));
  await writeFile(path.join(OUT, "brand.svg"), await brandIcon(HERE));
  for (const size of [192, 512]) await writeFile(path.join(OUT, `icon-${size}.png`), await appIcon(HERE, size));
  const all = await bundles(used);
  if (process.argv.includes("--watch")) {
    await Promise.all(all.map(async (one) => (await esbuild.context(one)).watch()));
    return;
  }
  for (const result of await Promise.all(all.map((one) => esbuild.build(one)))) {
    for (const output of Object.values(result.metafile.outputs))
      for (const input of Object.keys(output.inputs)) {
        const name = packageOf(input);
        if (name) used.add(name);
      }
  }
  await writeFile(path.join(DEV, "packages.json"), `${JSON.stringify([...used].sort(), null, 2)}\n`);
  await cp(path.join(HERE, "node_modules/axe-core/axe.min.js"), path.join(DEV, "axe.min.js"));
  await report();
}

await main();
