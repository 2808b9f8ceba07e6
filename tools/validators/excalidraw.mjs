// Excalidraw's restore, through which every file goes that it opens: what it repairs or drops was not right.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { page } from "./page.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url)), BUNDLE = `${HERE}build/excalidraw.cjs`;
// Set anew each time a scene is opened.
const OWN = new Set(["version", "versionNonce", "updated", "index", "seed"]);

async function bundle() {
  const { build } = await import("esbuild");
  mkdirSync(`${HERE}build`, { recursive: true });
  writeFileSync(`${HERE}build/entry.mjs`, 'export { restore } from "@excalidraw/excalidraw";\n');
  await build({ entryPoints: [`${HERE}build/entry.mjs`], bundle: true, platform: "node", format: "cjs", outfile: BUNDLE, logLevel: "error",
    define: { "process.env.NODE_ENV": '"production"', "import.meta.env": "{}" }, loader: { ".woff2": "empty" }, external: ["@excalidraw/mermaid-to-excalidraw"] });
}

export async function start() {
  if (!existsSync(BUNDLE)) await bundle();
  const window = page();
  for (const name of Object.getOwnPropertyNames(window)) if (!(name in globalThis)) try { globalThis[name] = window[name]; } catch { /* only on a page */ }
  Object.assign(globalThis, { window, document: window.document, devicePixelRatio: 1, FontFace: window.FontFace });
  const { restore } = createRequire(import.meta.url)(BUNDLE);
  return (source) => {
    const scene = JSON.parse(source), warnings = [];
    const { elements } = restore(structuredClone(scene), null, null, { refreshDimensions: false, repairBindings: true });
    const before = new Map(scene.elements.map((element) => [element.id, element]));
    const after = new Map(elements.map((element) => [element.id, element]));
    for (const id of before.keys()) if (!after.has(id)) warnings.push(`element ${id} was dropped`);
    for (const [id, element] of after) {
      const old = before.get(id) ?? {};
      for (const key of Object.keys(old))
        if (!OWN.has(key) && JSON.stringify(old[key]) !== JSON.stringify(element[key]))
          warnings.push(`${key} of ${element.type} ${id}: ${JSON.stringify(old[key])?.slice(0, 80)} became ${JSON.stringify(element[key])?.slice(0, 80)}`);
      if (element.type === "arrow" && [element.startBinding, element.endBinding].some((end) => end && !after.has(end.elementId))) warnings.push(`arrow ${id} is bound to nothing`);
    }
    return { warnings, nodes: elements.filter((element) => element.type !== "arrow").length, edges: elements.filter((element) => element.type === "arrow").length };
  };
}
