// Mermaid.  Job: {"version"?: "" | "-11", "config"?: mermaid's configuration, "background"?: CSS colour, "padding"?, "font"?: family}.
// Geometry: {"nodes": {dom id: box}, "clusters": {...}, "edges": {dom id: [[x, y], ...]}, "labels": [[text, box], ...]} in CSS pixels.

const LOCAL_FONTS = ["bad-script", "caveat", "marck-script", "neucha", "pangolin", "shantell-sans"];
let count = 0;

export async function prepare(page, origin) {
  for (const font of LOCAL_FONTS)
    for (const subset of ["cyrillic-400", "latin-400"])
      await page.addStyleTag({ url: `${origin}/node_modules/@fontsource/${font}/${subset}.css` }).catch(() => {});
}

export async function draw(page, job) {
  const loaded = await page.evaluate(() => Boolean(window.mermaid));
  if (!loaded) {
    const origin = new URL(page.url()).origin;
    await page.addScriptTag({ url: `${origin}/node_modules/mermaid${job.version ?? ""}/dist/mermaid.min.js` });
  }
  const svgId = `m${count++}`;
  const geometry = await page.evaluate(async (job, svgId) => {
    if (job.font) await document.fonts.load(`16px "${job.font}"`, "Aя");
    const config = { startOnLoad: false, securityLevel: "strict", ...job.config };
    if (job.font) { config.fontFamily = `"${job.font}"`; config.themeVariables = { ...config.themeVariables, fontFamily: `"${job.font}"` }; }
    window.mermaid.initialize(config);
    document.body.innerHTML = "";
    const { svg } = await window.mermaid.render(svgId, job.source);
    document.body.style.background = job.background ?? "white";
    document.body.innerHTML = `<div id=holder style="display:inline-block;padding:${job.padding ?? 12}px">${svg}</div>`;
    const element = document.querySelector("#holder svg");
    const view = element.viewBox.baseVal;
    element.style.maxWidth = "none";
    element.style.display = "block";
    element.setAttribute("width", view.width);
    element.setAttribute("height", view.height);
    await document.fonts.ready;
    const box = (e) => { const r = e.getBoundingClientRect(); return [r.x + scrollX, r.y + scrollY, r.width, r.height]; };
    const out = { nodes: {}, clusters: {}, edges: {}, labels: [] };
    for (const e of element.querySelectorAll("g.node, g.rough-node")) {
      const shape = e.querySelector(":scope > .label-container, :scope > rect, :scope > polygon, :scope > circle, :scope > path, :scope > g.basic") ?? e;
      out.nodes[e.id] = box(shape);
    }
    for (const e of element.querySelectorAll("g.cluster, g.statediagram-cluster")) out.clusters[e.id] = box(e.querySelector("rect") ?? e);
    for (const e of element.querySelectorAll(".edgePaths path, path.transition")) {
      if (!e.id || !e.getTotalLength) continue;
      const length = e.getTotalLength(), matrix = e.getScreenCTM(), n = Math.max(2, Math.min(40, Math.round(length / 12)));
      out.edges[e.id] = Array.from({ length: n + 1 }, (_, i) => {
        const p = e.getPointAtLength((length * i) / n).matrixTransform(matrix);
        return [p.x + scrollX, p.y + scrollY];
      });
    }
    for (const e of element.querySelectorAll(".edgeLabel")) if (e.textContent.trim()) out.labels.push([e.textContent.trim(), box(e)]);
    for (const e of element.querySelectorAll("rect.actor, text.actor")) if (e.tagName === "rect") (out.actors ??= []).push(box(e));
    return out;
  }, job, svgId);
  const clip = await page.evaluate(() => { const r = document.querySelector("#holder").getBoundingClientRect(); return { x: r.x, y: r.y, width: r.width, height: r.height }; });
  return { clip, geometry };
}
