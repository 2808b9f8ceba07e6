// Any SVG, as Chromium draws it.  Job: {"background"?}.  Geometry: {"offset": [x, y]}, to be added to the SVG's own coordinates.

export { prepare } from "./mermaid.mjs"; // the hand-written fonts

export async function draw(page, job) {
  return page.evaluate(async (job) => {
    document.body.style.background = job.background ?? "white";
    document.body.innerHTML = `<div id=holder style="display:inline-block">${job.source}</div>`;
    if (job.font) await document.fonts.load(`16px "${job.font}"`, "Aя");
    await document.fonts.ready;
    const element = document.querySelector("#holder svg");
    element.style.display = "block";
    const s = element.getBoundingClientRect(), view = element.viewBox.baseVal;
    return { clip: { x: s.x, y: s.y, width: s.width, height: s.height }, geometry: { offset: [s.x - view.x, s.y - view.y] } };
  }, job);
}
