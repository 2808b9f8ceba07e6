// bpmn-js imports the diagram as its viewer does: whatever has a shape or a line is put on the canvas.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { page } from "./page.mjs";

export async function start() {
  const window = page({ runScripts: "outside-only" });
  window.console = console;
  window.eval(readFileSync(fileURLToPath(import.meta.resolve("bpmn-js/dist/bpmn-viewer.development.js")), "utf8"));
  return async (source) => {
    const viewer = new window.BpmnJS({ container: window.document.querySelector("#here") });
    try {
      const { warnings } = await viewer.importXML(source);
      const drawn = viewer.get("elementRegistry").getAll().filter((element) => element.parent && element.type !== "label");
      const lines = drawn.filter((element) => element.waypoints);
      return { warnings: warnings.map((warning) => warning.message), nodes: drawn.length - lines.length, edges: lines.length };
    } finally {
      viewer.destroy();
    }
  };
}
