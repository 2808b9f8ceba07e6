// The codec of mxGraph, which draw.io is built on: cells with their parents, ends and values.

import { createRequire } from "node:module";
import { globals, page } from "./page.mjs";

export async function start() {
  const window = page();
  globals(window, ["window", "document", "navigator", "Node", "Element", "XMLSerializer", "DOMParser"]);
  const mx = createRequire(import.meta.url)("mxgraph")({ mxBasePath: "none", mxLoadResources: false, mxLoadStylesheets: false });
  Object.assign(window, mx);
  return (source) => {
    const document = new window.DOMParser().parseFromString(source, "text/xml");
    const broken = document.querySelector("parsererror");
    if (broken) throw new Error(broken.textContent);
    const root = document.querySelector("mxGraphModel");
    if (!root) throw new Error("no mxGraphModel");
    const written = root.querySelectorAll("mxCell").length; // decoding takes them out of their wrappers
    const model = new mx.mxGraphModel();
    new mx.mxCodec(document).decode(root, model);
    const cells = Object.values(model.cells), warnings = [];
    if (cells.length !== written) warnings.push(`${written} cells were written, ${cells.length} read`);
    for (const cell of cells) {
      if (cell.edge && (!cell.source || !cell.target)) warnings.push(`edge ${cell.id} has a loose end`);
      if ((cell.vertex || cell.edge) && !cell.geometry) warnings.push(`cell ${cell.id} has no geometry`);
    }
    const edges = cells.filter((cell) => cell.edge);
    return { warnings, nodes: cells.filter((cell) => cell.vertex).length, edges: edges.length };
  };
}
