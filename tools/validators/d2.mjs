// D2's compiler, the WebAssembly that its own package carries, without its layout (which takes seconds).

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export async function start() {
  const folder = dirname(fileURLToPath(import.meta.resolve("@terrastruct/d2")));
  new Function(readFileSync(join(folder, "wasm_exec.js"), "utf8")).call(globalThis);
  const go = new globalThis.Go();
  const { instance } = await WebAssembly.instantiate(readFileSync(join(folder, "d2.wasm")), go.importObject);
  go.run(instance);
  while (!globalThis.d2?.getObjOrder) await new Promise((done) => setTimeout(done, 10));
  return (source) => {
    const { data, error } = JSON.parse(globalThis.d2.getObjOrder(source));
    if (error) throw new Error(error.message);
    return { nodes: (data.order ?? []).length };
  };
}
