// Mermaid's own parser, and the graph that it made of the source.

import { globals, page } from "./page.mjs";

export async function start() {
  globals(page(), ["window", "document", "navigator", "DOMParser", "XMLSerializer", "Node", "Element", "HTMLElement", "SVGElement"]);
  const { default: mermaid } = await import("mermaid");
  mermaid.initialize({ startOnLoad: false, maxTextSize: 1e9, maxEdges: 1e9, logLevel: "fatal" });
  return async (source) => {
    await mermaid.parse(source);
    const { type, db } = await mermaid.mermaidAPI.getDiagramFromText(source);
    if (type === "sequence") {
      const messages = db.getMessages(), arrows = new Set(messages.filter((m) => m.from && m.to && m.placement === undefined).map((m) => m.id));
      return { type, nodes: db.getActors().size, edges: arrows.size, labels: [...db.getActors().values()].map((a) => shown(a.description)) };
    }
    const { nodes, edges } = db.getData();
    const plain = nodes.filter((node) => !node.isGroup);
    return {
      type, nodes: plain.length, groups: nodes.length - plain.length, edges: edges.length, labels: nodes.map((node) => shown(node.label)),
      ways: edges.map((edge) => [edge.start, edge.end]), within: nodes.map((node) => [node.id, node.parentId ?? null]),
    };
  };
}

// Entity codes as Mermaid keeps them between its parser and its renderer.
function shown(label) {
  return String(label ?? "").replace(/ﬂ°°/g, "&#").replace(/ﬂ°/g, "&").replace(/¶ß/g, ";");
}
