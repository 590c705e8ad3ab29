/* The map of a service page or of a table: MapLibre over the drawing of the server, once it is on the
   screen; on a small screen, or when data is to be saved, once it is asked for: the library weighs
   1.7 MB. Rows come as GeoJSON (`data-points`), or by our vector tiles where there are (`data-layer`).
   The list is the same thing in words; without WebGL the drawing stays. */
(() => {
  "use strict";
  const frame = document.querySelector("[data-place-map]");
  if (!frame) return;
  const wants = frame.dataset;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const items = new Map([...document.querySelectorAll(".place-list > li[data-key]")].map((item) => [item.dataset.key, item]));
  const words = {
    "NavigationControl.ZoomIn": "Agrandir", "NavigationControl.ZoomOut": "Réduire",
    "Map.Title": wants.label, "Popup.Close": "Fermer", "Marker.Title": "Repère",
    "AttributionControl.ToggleAttribution": "Montrer ou cacher les sources",
    "CooperativeGesturesHandler.WindowsHelpText": "Ctrl et molette pour agrandir la carte",
    "CooperativeGesturesHandler.MacHelpText": "⌘ et molette pour agrandir la carte",
    "CooperativeGesturesHandler.MobileHelpText": "Deux doigts pour déplacer la carte",
  };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const read = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  };
  const hasWebGL = () => {
    try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
  };
  const addSheet = () => new Promise((done) => {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = "/vendor/maplibre/maplibre-gl.css";
    sheet.onload = sheet.onerror = done;
    document.head.append(sheet);
  });

  /* One point for the name of each commune: the middle of its largest ring. */
  const names = (communes) => ({
    type: "FeatureCollection",
    features: communes.features.filter((each) => each.geometry).map(({ geometry, properties }) => {
      const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
      const ring = parts.map((part) => part[0]).reduce((one, other) => (other.length > one.length ? other : one));
      const [xs, ys] = [0, 1].map((axis) => ring.map((point) => point[axis]));
      const middle = [xs, ys].map((all) => (Math.min(...all) + Math.max(...all)) / 2);
      return { type: "Feature", geometry: { type: "Point", coordinates: middle }, properties: { name: properties.name } };
    }),
  });

  const rowsSource = (points) => (wants.layer
    ? { type: "vector", tiles: [`${location.origin}${wants.layer}/{z}/{y}/{x}`], maxzoom: 18, promoteId: "territoire_cle" }
    : { type: "geojson", data: points, promoteId: "key" });
  const chosenOr = (one, other) => ["case", ["boolean", ["feature-state", "chosen"], false], one, other];
  const isA = (kind) => ["==", ["geometry-type"], kind];
  const many = [">", ["coalesce", ["get", "nombre"], 1], 1];

  /* Areas below, then lines, then points; a point that stands for several rows says how many. */
  const rowLayers = () => {
    const own = { source: "rows", ...(wants.layer ? { "source-layer": wants.slug } : {}) };
    const [plain, picked] = [colour("action-strong"), colour("focus")];
    return [
      { ...own, id: "areas", type: "fill", filter: isA("Polygon"), paint: { "fill-color": chosenOr(picked, colour("action")), "fill-opacity": 0.35 } },
      { ...own, id: "outlines", type: "line", filter: isA("Polygon"), paint: { "line-color": chosenOr(picked, plain), "line-width": chosenOr(3, 1.25) } },
      {
        ...own, id: "lines", type: "line", filter: isA("LineString"), layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": chosenOr(picked, plain), "line-width": chosenOr(6, 3) },
      },
      {
        ...own, id: "points", type: "circle", filter: isA("Point"),
        paint: {
          "circle-color": chosenOr(picked, plain),
          "circle-radius": chosenOr(11, wants.layer ? ["interpolate", ["linear"], ["ln", ["coalesce", ["get", "nombre"], 1]], 0, 5, 8, 20] : 7),
          "circle-stroke-color": colour("paper"), "circle-stroke-width": wants.layer ? 1 : 2,
        },
      },
      {
        ...own, id: "counts", type: "symbol", filter: ["all", isA("Point"), many],
        layout: { "text-field": ["to-string", ["get", "nombre"]], "text-font": ["Atkinson Hyperlegible Next Variable"], "text-size": 12 },
        paint: { "text-color": colour("on-action") },
      },
    ];
  };

  const style = (communes, points) => {
    const sources = { rows: rowsSource(points) };
    const layers = [{ id: "ground", type: "background", paint: { "background-color": colour("paper-deep") } }];
    if (wants.tiles) {
      sources.base = { type: "raster", tiles: [wants.tiles], tileSize: 256, maxzoom: 18, attribution: "© IGN" };
      layers.push({ id: "base", type: "raster", source: "base" });
      return { version: 8, sources, layers: [...layers, ...rowLayers()] };
    }
    sources.communes = { type: "geojson", data: communes };
    sources.names = { type: "geojson", data: names(communes) };
    layers.push(
      { id: "land", type: "fill", source: "communes", paint: { "fill-color": colour("land") } },
      { id: "borders", type: "line", source: "communes", paint: { "line-color": colour("paper"), "line-width": 1.5 } },
      ...rowLayers(),
      {
        id: "names", type: "symbol", source: "names",
        layout: { "text-field": ["get", "name"], "text-font": ["Atkinson Hyperlegible Next Variable"], "text-size": 14, "text-max-width": 8 },
        paint: wants.titles
          ? { "text-color": colour("ink"), "text-halo-color": colour("paper"), "text-halo-width": 1.5 }
          : { "text-color": colour("ink-soft"), "text-halo-color": colour("land"), "text-halo-width": 1.5 },
      },
    );
    return { version: 8, sources, layers };
  };

  const start = async () => {
    const [library, answer, points] = await Promise.all([
      import("/vendor/maplibre/maplibre-gl.mjs"), read(wants.communes), wants.layer ? null : read(wants.points), addSheet(),
    ]);
    // the rows of a table are known by their number, those of a service by their key
    for (const each of points?.features ?? []) each.properties.key ??= String(each.id);
    const place = document.createElement("div");
    place.className = "place-live";
    const [west, south, east, north] = wants.bounds.split(",").map(Number);
    frame.classList.add("is-live");
    frame.append(place);
    const map = new library.Map({
      container: place, style: style(answer.result, points), bounds: [[west, south], [east, north]],
      locale: words, attributionControl: wants.tiles ? { compact: true } : false, dragRotate: false,
      pitchWithRotate: false, touchPitch: false, cooperativeGestures: true, fadeDuration: calm.matches ? 0 : 200,
    });
    map.touchZoomRotate.disableRotation();
    map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
    map.on("error", () => {});
    map.on("load", () => link(library, map, new Map((points?.features ?? []).map((each) => [each.properties.key, each]))));
    dark.addEventListener("change", () => map.setStyle(style(answer.result, points)));
  };

  const titles = JSON.parse(wants.titles || "{}");
  const said = (value) => {
    if (typeof value === "boolean") return value ? "oui" : "non";
    if (typeof value === "number") return value.toLocaleString("fr-FR");
    const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
    return day ? `${day[3]}/${day[2]}/${day[1]}` : String(value);
  };
  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const linked = (text, href) => {
    const line = element("p", href ? "" : text);
    if (href) line.append(Object.assign(element("a", text), { href }));
    return line;
  };

  /* What a popup says: the name of a row, then its columns under their French titles. */
  const tell = (properties) => {
    const box = document.createElement("div");
    if (properties.nombre > 1) {
      box.append(element("p", `${properties.nombre.toLocaleString("fr-FR")} lignes du tableau à cet endroit`));
      return box;
    }
    if (properties.page) {
      box.append(linked(properties.label, properties.page));
      return box;
    }
    const key = properties.territoire_cle ?? properties.key;
    const told = Object.entries(titles).filter(([name]) => properties[name] !== undefined && properties[name] !== null && properties[name] !== "");
    const named = items.get(String(key))?.querySelector("h3")?.textContent.trim() ?? (told.length ? said(properties[told[0][0]]) : "Une ligne du tableau");
    box.append(linked(named, wants.row && properties.territoire_cle ? wants.row + encodeURIComponent(properties.territoire_cle) : ""));
    const facts = document.createElement("dl");
    for (const [name, title] of told) {
      if (said(properties[name]) === named) continue;
      facts.append(element("dt", title), element("dd", said(properties[name])));
    }
    if (facts.children.length) box.append(facts);
    return box;
  };

  const MOST_TOLD = 4;
  const keyOf = ({ properties }) => String(properties.territoire_cle ?? properties.key ?? "");

  const link = (library, map, byKey) => {
    let chosen = null;
    let popup = null;
    const mark = (key, isChosen) => map.setFeatureState(
      { source: "rows", id: key, ...(wants.layer ? { sourceLayer: wants.slug } : {}) }, { chosen: isChosen },
    );
    const choose = (key) => {
      if (chosen !== null) {
        mark(chosen, false);
        items.get(chosen)?.classList.remove("is-chosen");
      }
      chosen = key;
      if (key === null) return;
      mark(key, true);
      items.get(key)?.classList.add("is-chosen");
    };
    const open = (key, place, told) => {
      choose(key);
      popup?.remove();
      popup = new library.Popup({ offset: 12, focusAfterOpen: false, maxWidth: "300px" }).setLngLat(place).setDOMContent(told).addTo(map);
    };
    const drawn = ["points", "lines", "areas"];
    map.on("click", (event) => {
      // rows that lie one on the other are all told, each once
      const found = new Map(map.queryRenderedFeatures(event.point, { layers: drawn }).map((each) => [keyOf(each), each]));
      if (!found.size) return;
      const [[key, first]] = found;
      const box = document.createElement("div");
      box.append(...[...found.values()].slice(0, MOST_TOLD).map((each) => tell(each.properties)));
      if (found.size > MOST_TOLD) box.append(element("p", `et ${found.size - MOST_TOLD} de plus : agrandissez la carte`));
      open(key || null, first.geometry.type === "Point" ? first.geometry.coordinates : event.lngLat, box);
      items.get(key)?.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
    });
    for (const layer of drawn) {
      map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    }
    for (const [key, item] of items) {
      const feature = byKey.get(key);
      const centre = item.dataset.place?.split(",").map(Number) ?? feature?.geometry.coordinates;
      if (!centre) continue;
      const name = item.querySelector("h3").textContent.trim();
      // while a place is named on the map, a list that scrolls under the mouse chooses nothing
      item.addEventListener("mouseenter", () => { if (!popup?.isOpen()) choose(key); });
      item.addEventListener("focusin", () => choose(key));
      const show = element("button", "Voir sur la carte");
      show.type = "button";
      show.setAttribute("aria-label", `Voir sur la carte : ${feature?.properties.label ?? name}`);
      show.addEventListener("click", () => {
        map[calm.matches ? "jumpTo" : "easeTo"]({ center: centre, zoom: Math.max(map.getZoom(), 14) });
        const told = feature ? tell(feature.properties) : linked(name, item.querySelector("h3 a")?.href);
        open(key, centre, told);
        frame.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
      });
      item.querySelector(".place-ways").prepend(show);
    }
    frame.dataset.state = "live";
  };

  const stay = () => {
    frame.classList.remove("is-live");
    frame.querySelector(".place-live")?.remove();
    frame.dataset.state = "drawn";
  };
  const begin = () => start().catch(stay);
  const offer = () => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button is-quiet place-open";
    button.textContent = "Déplacer et agrandir la carte";
    button.addEventListener("click", () => { button.remove(); begin(); });
    frame.after(button);
    frame.dataset.state = "offered";
  };
  if (!hasWebGL()) { stay(); return; }
  if (navigator.connection?.saveData || window.matchMedia("(max-width: 60rem)").matches) { offer(); return; }
  new IntersectionObserver((entries, seen) => {
    if (!entries.some((each) => each.isIntersecting)) return;
    seen.disconnect();
    begin();
  }, { rootMargin: "200px" }).observe(frame);
})();
