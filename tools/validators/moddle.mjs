// bpmn-moddle: every element and attribute is one of BPMN's, every reference leads somewhere.

import { BpmnModdle } from "bpmn-moddle";

export async function start() {
  const moddle = new BpmnModdle();
  return async (source) => {
    const { rootElement, warnings } = await moddle.fromXML(source);
    return { warnings: warnings.map((warning) => warning.message), nodes: rootElement.rootElements.length };
  };
}
