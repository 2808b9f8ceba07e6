// Excalidraw scenes (the JSON of .excalidraw files), exported by its own exportToCanvas.
// Job: {"dark"?, "background"?, "padding"?}.  Geometry: {"offset": [x, y]}, to be added to the scene's coordinates.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ENTRY = `import { exportToCanvas, restoreElements } from "@excalidraw/excalidraw";
window.excalidraw = { exportToCanvas, restoreElements };`;

export async function prepare(page, origin, here) {
  const out = join(here, "build", "excalidraw.js");
  if (!existsSync(out)) {
    const { build } = await import("esbuild");
    mkdirSync(join(here, "build"), { recursive: true });
    writeFileSync(join(here, "build", "entry.mjs"), ENTRY);
    await build({ entryPoints: [join(here, "build", "entry.mjs")], bundle: true, format: "iife", outfile: out, minify: true, logLevel: "error",
      define: { "process.env.NODE_ENV": '"production"', "process.env.IS_PREACT": '"false"', "import.meta.env": "{}" }, loader: { ".woff2": "dataurl" } });
  }
  await page.evaluate((base) => { window.EXCALIDRAW_ASSET_PATH = base; }, `${origin}/node_modules/@excalidraw/excalidraw/dist/prod/`);
  await page.addScriptTag({ url: `${origin}/build/excalidraw.js` });
}

export async function draw(page, job) {
  const { width, height, offset } = await page.evaluate(async (job) => {
    const scene = JSON.parse(job.source), padding = job.padding ?? 20, scale = job.scale ?? 1;
    const elements = window.excalidraw.restoreElements(scene.elements, null, { refreshDimensions: false, repairBindings: false });
    const canvas = await window.excalidraw.exportToCanvas({
      elements, files: {}, exportPadding: padding,
      appState: { ...scene.appState, exportBackground: true, exportWithDarkMode: Boolean(job.dark), viewBackgroundColor: job.background ?? "#ffffff" },
      getDimensions: (width, height) => ({ width: width * scale, height: height * scale, scale }),
    });
    document.body.innerHTML = "";
    document.body.style.background = "white";
    canvas.style.cssText = `display:block;width:${canvas.width / scale}px;height:${canvas.height / scale}px`;
    document.body.append(canvas);
    const x = Math.min(...elements.map((e) => e.x + Math.min(0, ...(e.points ?? []).map((p) => p[0]))));
    const y = Math.min(...elements.map((e) => e.y + Math.min(0, ...(e.points ?? []).map((p) => p[1]))));
    return { width: canvas.width / scale, height: canvas.height / scale, offset: [padding - x, padding - y] };
  }, job);
  return { clip: { x: 0, y: 0, width, height }, geometry: { offset } };
}
