// A page for libraries that expect a browser: jsdom, and as much of what it lacks as they touch.  Nothing is drawn, so sizes may be anything.

import { JSDOM, VirtualConsole } from "jsdom";

class Matrix {
  a = 1; b = 0; c = 0; d = 1; e = 0; f = 0;
  translate() { return new Matrix(); }
  scale() { return new Matrix(); }
  rotate() { return new Matrix(); }
  multiply() { return new Matrix(); }
  inverse() { return new Matrix(); }
}

class Transform {
  type = 1; angle = 0; matrix = new Matrix();
  setMatrix(matrix) { this.matrix = matrix; }
  setTranslate() {}
  setScale() {}
  setRotate() {}
}

export function page(options = {}) {
  const { window } = new JSDOM("<!doctype html><body><div id=here></div></body>", {
    pretendToBeVisual: true, url: "http://localhost/", virtualConsole: new VirtualConsole(), ...options,
  });
  const svg = window.SVGElement.prototype, root = window.SVGSVGElement.prototype;
  svg.getBBox = () => ({ x: 0, y: 0, width: 10, height: 10 });
  svg.getComputedTextLength = () => 10;
  svg.getTotalLength = () => 10;
  svg.getPointAtLength = () => ({ x: 0, y: 0 });
  svg.getScreenCTM = () => null;
  root.createSVGMatrix = () => new Matrix();
  root.createSVGTransform = () => new Transform();
  root.createSVGTransformFromMatrix = (matrix) => Object.assign(new Transform(), { matrix });
  const list = { numberOfItems: 0, clear() {}, appendItem() {}, initialize() {}, consolidate: () => null, createSVGTransformFromMatrix: root.createSVGTransformFromMatrix };
  Object.defineProperty(svg, "transform", { get: () => ({ baseVal: list }) });
  window.HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: 8 * text.length }), fillRect() {} });
  window.FontFace = class { load() { return Promise.resolve(); } };
  window.matchMedia = () => ({ matches: false, addEventListener() {}, addListener() {} });
  return Object.assign(window, { SVGMatrix: Matrix, structuredClone, CSS: { escape: (text) => String(text).replace(/[^\w-]/g, (c) => `\\${c}`), supports: (_, value) => /^[a-z]+$/i.test(value) } });
}

// What of a page's window modules look for among the globals.
export function globals(window, names) {
  for (const name of names) Object.defineProperty(globalThis, name, { value: name === "window" ? window : window[name], configurable: true, writable: true });
}
