// Draws diagrams in one headless Chromium: a job a line of JSON on stdin, an answer a line of JSON on stdout.
//
// A job is {"id", "tool": "mermaid" | "bpmn" | "excalidraw" | "drawio" | "svg", "source", "out": PNG's path, "scale"?, ...};
// each tool's module says what else it takes.  An answer is {"id", "size": [w, h], "geometry": {...}} or {"id", "error"}.
// Pages are served from node_modules over a loopback port; every other address is refused, so nothing is fetched.

import { createReadStream, existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";

const HERE = dirname(fileURLToPath(import.meta.url));
const TOOLS = ["mermaid", "bpmn", "excalidraw", "drawio", "svg"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
  ".json": "application/json", ".woff2": "font/woff2", ".woff": "font/woff", ".ttf": "font/ttf", ".xml": "text/xml" };

function serve() {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    if (path === "/blank.html") {
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><meta charset=utf-8><body style='margin:0'></body>");
      return;
    }
    const file = join(HERE, path);
    const allowed = ["node_modules", "build"].some((folder) => file.startsWith(join(HERE, folder) + "/"));
    if (!allowed || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "access-control-allow-origin": "*" });
    createReadStream(file).pipe(response);
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

async function open(browser, origin, tool) {
  const page = await browser.newPage();
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const url = request.url();
    if (url.startsWith(origin) || url.startsWith("data:") || url.startsWith("blob:")) request.continue();
    else request.abort();
  });
  await page.goto(`${origin}/blank.html`);
  const module = await import(`./${tool}.mjs`);
  await module.prepare?.(page, origin, HERE);
  return { page, module };
}

async function main() {
  const server = await serve();
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-color-profile=srgb", "--font-render-hinting=none"],
    protocolTimeout: 120000,
  });
  const pages = new Map();
  for await (const line of createInterface({ input: process.stdin })) {
    if (!line.trim()) continue;
    const job = JSON.parse(line);
    let answer;
    const key = job.tool + (job.version ?? "");
    try {
      if (!TOOLS.includes(job.tool)) throw new Error(`no tool ${job.tool}`);
      if (!pages.has(key)) pages.set(key, await open(browser, origin, job.tool));
      const { page, module } = pages.get(key);
      await page.bringToFront();
      await page.setViewport({ width: 1600, height: 1200, deviceScaleFactor: job.scale ?? 1 });
      const { clip, geometry } = await module.draw(page, job);
      mkdirSync(dirname(job.out), { recursive: true });
      const box = { x: Math.floor(clip.x), y: Math.floor(clip.y), width: Math.ceil(clip.width), height: Math.ceil(clip.height) };
      await page.screenshot({ path: job.out, clip: box, captureBeyondViewport: true, omitBackground: Boolean(job.transparent) });
      const scale = job.scale ?? 1;
      answer = { id: job.id, size: [box.width * scale, box.height * scale], geometry: { ...geometry, scale, origin: [box.x, box.y] } };
    } catch (error) {
      answer = { id: job.id, error: String(error?.message ?? error).split("\n")[0] };
      await pages.get(key)?.page.close().catch(() => {});
      pages.delete(key);
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
  await browser.close();
  server.close();
}

await main();
