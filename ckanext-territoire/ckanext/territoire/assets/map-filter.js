/* Draw a rectangle on the map of the search: its four bounds become the `ext_bbox` of the address. */
(() => {
  "use strict";
  const svg = document.querySelector("svg[data-draw]");
  if (!svg) return;
  const [west, south, east, north] = svg.dataset.bounds.split(",").map(Number);
  const { width, height } = svg.viewBox.baseVal;
  const frame = svg.querySelector(".frame");
  let start = null;
  let moved = false;

  const point = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return { x: Math.min(Math.max(at.x, 0), width), y: Math.min(Math.max(at.y, 0), height) };
  };
  const box = (a, b) => ({
    x: Math.min(a.x, b.x), y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y),
  });
  const show = (shape) => {
    for (const [name, value] of Object.entries(shape)) frame.setAttribute(name, value);
  };
  const search = (shape) => {
    const lon = (x) => (west + (x / width) * (east - west)).toFixed(4);
    const lat = (y) => (north - (y / height) * (north - south)).toFixed(4);
    const url = new URL(window.location.href);
    url.searchParams.set("ext_bbox", [
      lon(shape.x), lat(shape.y + shape.height), lon(shape.x + shape.width), lat(shape.y),
    ].join(","));
    url.searchParams.delete("page");
    window.location.assign(url);
  };

  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = point(event);
    moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    if (!start) return;
    const shape = box(start, point(event));
    if (!moved && shape.width + shape.height > 6) {
      moved = true;
      svg.setPointerCapture(event.pointerId);
    }
    if (moved) show(shape);
  });
  svg.addEventListener("pointerup", (event) => {
    if (start && moved) search(box(start, point(event)));
    start = null;
  });
  svg.addEventListener("pointercancel", () => { start = null; });
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  svg.addEventListener("click", (event) => {
    if (!moved) return;
    event.preventDefault();
    moved = false;
  }, true);
})();
