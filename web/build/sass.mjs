// esbuild plug-in: .scss files through Sass, noting which packages gave their text.

import path from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

/** @param {string} here folder of package.json @param {Set<string>} used receives package names */
export function sassPlugin(here, used) {
  return {
    name: "sass",
    setup(build) {
      build.onLoad({ filter: /\.scss$/ }, (args) => {
        const result = sass.compile(args.path, {
          loadPaths: [path.join(here, "node_modules")],
          style: "compressed",
          quietDeps: true,
          logger: sass.Logger.silent,
        });
        const files = result.loadedUrls.map((url) => fileURLToPath(url));
        for (const file of files) {
          const [, inside] = file.split(/node_modules[\\/]/);
          if (inside) used.add(inside.split(/[\\/]/).slice(0, 2).join("/"));
        }
        return { contents: result.css, loader: "css", watchFiles: files };
      });
    },
  };
}
