// Asks a tool about sources.  A line of JSON in, {"tool", "source"}; a line of JSON out: {"ok", "error"?, "warnings"?, "nodes"?, "edges"?, ...}.
// One process answers any number of questions: starting a tool costs more than asking it.

import { createInterface } from "node:readline";

const TOOLS = ["mermaid", "moddle", "bpmn", "mxgraph", "excalidraw", "d2"];
const ready = new Map();

// What libraries print would mix with the answers.
for (const name of ["log", "info", "debug", "warn", "error"]) console[name] = () => {};

async function answer(line) {
  const { tool, source } = JSON.parse(line);
  if (!TOOLS.includes(tool)) return { ok: false, error: `no tool ${tool}` };
  try {
    if (!ready.has(tool)) ready.set(tool, await (await import(`./${tool}.mjs`)).start());
    const found = await ready.get(tool)(source);
    return { ok: !found.warnings?.length, ...found };
  } catch (error) {
    return { ok: false, error: String(error?.message ?? error).slice(0, 2000) };
  }
}

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(JSON.stringify(await answer(line)) + "\n");
process.exit(0);
