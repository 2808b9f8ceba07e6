// BPMN 2.0 XML with diagram interchange, drawn by bpmn-js and exported by its saveSVG.
// Job: {"font"?: family, "colours"?: {"fill", "stroke"}, "background"?, "padding"?}.  Geometry: {"offset": [x, y]}, to be added to the coordinates of the XML.

export async function prepare(page, origin) {
  await page.addScriptTag({ url: `${origin}/node_modules/bpmn-js/dist/bpmn-viewer.production.min.js` });
}

export async function draw(page, job) {
  return page.evaluate(async (job) => {
    document.body.innerHTML = "<div id=canvas style='width:1600px;height:1200px'></div>";
    const font = job.font ? `"${job.font}", sans-serif` : "Arial, sans-serif";
    const viewer = new window.BpmnJS({
      container: "#canvas",
      textRenderer: { defaultStyle: { fontFamily: font }, externalStyle: { fontSize: 12 } },
      bpmnRenderer: { defaultFillColor: job.colours?.fill, defaultStrokeColor: job.colours?.stroke, defaultLabelColor: job.colours?.stroke },
    });
    const { warnings } = await viewer.importXML(job.source);
    if (warnings.length) throw new Error(`bpmn-js: ${warnings[0].message}`);
    const { svg } = await viewer.saveSVG();
    viewer.destroy();
    document.body.style.background = job.background ?? "white";
    document.body.innerHTML = `<div id=holder style="display:inline-block;padding:${job.padding ?? 8}px">${svg.slice(svg.indexOf("<svg"))}</div>`;
    const element = document.querySelector("#holder svg");
    element.style.display = "block";
    const r = document.querySelector("#holder").getBoundingClientRect(), s = element.getBoundingClientRect(), view = element.viewBox.baseVal;
    return { clip: { x: r.x, y: r.y, width: r.width, height: r.height }, geometry: { offset: [s.x - view.x, s.y - view.y] } };
  }, job);
}
