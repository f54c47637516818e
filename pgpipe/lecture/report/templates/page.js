"use strict";
// The page's behaviour. Without it every word, number and picture is still there.
const pgpipe = (() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== undefined && value !== false) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };

  // --- what the page carries with it ---
  const unpacked = new Map();
  const unpack = (id) => {
    if (!unpacked.has(id)) {
      const held = document.getElementById(id).textContent;
      const bytes = Uint8Array.from(atob(held), (letter) => letter.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      unpacked.set(id, new Response(stream).text());
    }
    return unpacked.get(id);
  };
  const parse = (csv) => {
    const rows = [];
    let row = [], field = "", quoted = false;
    for (let i = 0; i < csv.length; i++) {
      const c = csv[i];
      if (quoted) {
        if (c !== '"') field += c;
        else if (csv[i + 1] === '"') { field += '"'; i++; }
        else quoted = false;
      } else if (c === '"') quoted = true;
      else if (c === "," || c === "\n") {
        row.push(field); field = "";
        if (c === "\n") { rows.push(row); row = []; }
      } else field += c;
    }
    const [names, ...values] = rows;
    return { names, values };
  };
  const value = (text) => (text === "" ? null : text.trim() !== "" && !isNaN(text) ? Number(text) : text === "inf" ? Infinity : text === "-inf" ? -Infinity : text);
  // Rows as objects; numbers are numbers, what is missing is null; null where this run has no such table.
  const table = async (name) => {
    if (!document.getElementById(`table-${name}`)) return null;
    const { names, values } = parse(await unpack(`table-${name}`));
    return values.map((row) => Object.fromEntries(names.map((key, i) => [key, value(row[i])])));
  };
  const keep = (name, type, content) => {
    const link = make("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  // --- pictures ---
  // The fonts of words in pictures, and how these are set, as a picture by itself needs them.
  const lettering = () => all("style").flatMap((style) => [...style.sheet.cssRules])
    .filter((rule) => (rule instanceof CSSFontFaceRule && /Lecture Sans/.test(rule.style.getPropertyValue("font-family"))) || rule.selectorText === ".picture text")
    .map((rule) => rule.cssText);
  // One picture as a file of its own: with its letters, and the light colours whatever the page has.
  const standalone = (name) => {
    const picture = document.getElementById(`svg-${name}`).cloneNode(true);
    const letters = new Set(all("use", picture).map((use) => use.getAttribute("href").slice(1)));
    const defs = document.createElementNS("http://www.w3.org/2000/svg", "defs");
    for (const id of letters) {
      const letter = document.querySelector(`.letters #${id}`);
      if (letter) defs.append(letter.cloneNode(true));
    }
    const used = new Set(all("[class]", picture).map((part) => `.${part.getAttribute("class")}{`));
    const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
    const kinds = document.getElementById("kinds").textContent.split("\n").filter((rule) => used.has(rule.slice(0, rule.indexOf("{") + 1)));
    style.textContent = [...(picture.querySelector("text") ? lettering() : []), ...kinds].join("\n");
    defs.append(style);
    picture.prepend(defs);
    const [, , width, height] = picture.getAttribute("viewBox").split(" ");
    picture.setAttribute("width", width); picture.setAttribute("height", height); picture.setAttribute("fill", "#000000");
    const before = root.dataset.theme;
    root.dataset.theme = "light";
    const colours = getComputedStyle(root);
    const svg = new XMLSerializer().serializeToString(picture).replace(/var\((--k\d+)\)/g, (_, colour) => colours.getPropertyValue(colour).trim());
    if (before) root.dataset.theme = before; else delete root.dataset.theme;
    return { svg, width: Number(width), height: Number(height) };
  };
  const png = (name) => {
    const { svg, width, height } = standalone(name);
    const image = new Image();
    image.onload = () => {
      const canvas = make("canvas", { width: width * 3, height: height * 3 });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => keep(`${name}.png`, "image/png", blob));
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  };
  // The same picture once more, smaller or larger.
  const again = (name) => {
    const source = document.getElementById(`svg-${name}`);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "picture"); svg.setAttribute("viewBox", source.getAttribute("viewBox"));
    svg.setAttribute("role", "img"); svg.setAttribute("aria-label", source.getAttribute("aria-label"));
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `#${source.id}`);
    svg.append(use);
    return svg;
  };
  const fitUses = () => {
    for (const use of all("svg.picture > use:only-child")) {
      const source = document.querySelector(use.getAttribute("href"));
      if (source) use.parentNode.setAttribute("viewBox", source.getAttribute("viewBox"));
    }
  };

  // --- buttons ---
  const zoom = document.getElementById("zoom"), file = document.getElementById("file");
  const showFile = async (module) => {
    file.querySelector("code").textContent = `${module.replaceAll(".", "/")}.py`;
    file.querySelector("pre").textContent = await unpack(`code-${module}`);
    file.showModal();
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { csv, svg, code, zoom: enlarge } = button.dataset;
    if (csv) keep(`${csv}.csv`, "text/csv", await unpack(`table-${csv}`));
    if (svg) keep(`${svg}.svg`, "image/svg+xml", standalone(svg).svg);
    if (button.dataset.png) png(button.dataset.png);
    if (code) showFile(code);
    if ("keep" in button.dataset) keep(file.querySelector("code").textContent.split("/").pop(), "text/x-python", file.querySelector("pre").textContent);
    if (enlarge) { zoom.querySelector(".canvas").replaceChildren(again(enlarge)); zoom.showModal(); }
  });
  for (const button of all("button[data-csv]")) if (!document.getElementById(`table-${button.dataset.csv}`)) button.disabled = true;

  // --- tables: all rows, sorted by a column, those with a word ---
  const PAGE = 50;
  const grown = async (place) => {
    place.dataset.grown = "";
    const { names, values } = parse(await unpack(`table-${place.dataset.table}`));
    let rows = values, shown = PAGE, order = { column: -1, sign: 1 };
    const body = make("tbody"), count = make("span", { role: "status" }), more = make("button", { type: "button", onclick: () => { shown += 10 * PAGE; fill(); } }, "More rows");
    const compare = (a, b) => (typeof value(a) === "number" && typeof value(b) === "number" ? value(a) - value(b) : a < b ? -1 : a > b ? 1 : 0);
    const text = (cell) => (typeof value(cell) === "number" && !Number.isInteger(value(cell)) ? Number(value(cell).toPrecision(5)).toString() : cell);
    const fill = () => {
      body.replaceChildren(...rows.slice(0, shown).map((row) => make("tr", {}, ...row.map((cell) => make("td", typeof value(cell) === "number" ? { class: "number" } : {}, text(cell))))));
      count.textContent = `${rows.length} of ${values.length} rows`;
      more.hidden = rows.length <= shown;
    };
    const heads = names.map((name, i) => make("th", { scope: "col" }, make("button", { type: "button", onclick: () => {
      order = { column: i, sign: order.column === i ? -order.sign : 1 };
      rows = [...rows].sort((a, b) => order.sign * compare(a[i], b[i]));
      heads.forEach((head, j) => (j === i ? head.setAttribute("aria-sort", order.sign > 0 ? "ascending" : "descending") : head.removeAttribute("aria-sort")));
      fill();
    } }, name)));
    const search = make("input", { type: "search", "aria-label": `Rows of ${place.dataset.table} with these words`, placeholder: "line trained", oninput: () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      rows = values.filter((row) => words.every((word) => row.some((cell) => cell.toLowerCase().includes(word))));
      fill();
    } });
    fill();
    place.before(make("p", { class: "tools" }, search, count));
    place.after(more);
    place.replaceChildren(make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body));
  };
  for (const fold of all("details.behind")) fold.addEventListener("toggle", () => { if (fold.open) all("[data-table]:not([data-grown])", fold).forEach(grown); });

  // --- hovers ---
  const hover = document.getElementById("hover");
  let wait = 0, from = null;
  const shownFor = (id) => {
    const target = document.getElementById(id);
    if (!target) return [];
    if (target.matches(".equation")) {
      const said = target.querySelector(".checks summary");
      return [target.querySelector("math").cloneNode(true), make("p", {}, said ? said.textContent : "no check in this run")];
    }
    if (target.matches(".claim")) return all(":scope > p", target).map((paragraph) => make("p", {}, ...[...paragraph.cloneNode(true).childNodes]));
    const picture = target.closest("figure") || target.querySelector("figure");
    if (picture) return [again(picture.id), make("p", {}, picture.querySelector(".headline strong").textContent)];
    if (id.startsWith("ref-")) return [make("div", {}, ...target.cloneNode(true).childNodes)];
    return [];
  };
  const hide = () => { clearTimeout(wait); hover.hidden = true; if (from) from.removeAttribute("aria-describedby"); from = null; };
  const show = (link) => {
    const parts = shownFor(decodeURIComponent(link.hash.slice(1)));
    if (!parts.length) return;
    hide();
    for (const part of parts) for (const named of [part, ...all("[id]", part)]) named.removeAttribute?.("id");
    hover.replaceChildren(...parts);
    hover.hidden = false;
    from = link;
    link.setAttribute("aria-describedby", "hover");
    const at = link.getBoundingClientRect(), size = hover.getBoundingClientRect();
    const above = at.bottom + size.height + 12 > innerHeight && at.top > size.height + 12;
    hover.style.top = `${scrollY + (above ? at.top - size.height - 8 : at.bottom + 8)}px`;
    hover.style.left = `${scrollX + Math.max(8, Math.min(at.left, root.clientWidth - size.width - 8))}px`;
  };
  const hoverable = (event) => event.target.closest?.("a.ref, .findings a, .thumbnails a, .ledger a, a[href^='#ref-']");
  document.addEventListener("pointerover", (event) => {
    const link = event.pointerType === "mouse" && hoverable(event);
    if (link && link !== from) { clearTimeout(wait); wait = setTimeout(() => show(link), 150); }
  });
  document.addEventListener("pointerout", (event) => { if (hoverable(event) && !hover.contains(event.relatedTarget)) hide(); });
  hover.addEventListener("pointerleave", hide);
  document.addEventListener("focusin", (event) => { const link = hoverable(event); if (link && link.matches(":focus-visible")) show(link); else hide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });

  // --- contents, colours, wide formulas ---
  const drawer = document.getElementById("drawer"), contents = document.getElementById("contents"), theme = document.getElementById("theme");
  root.classList.add("scripted");
  drawer.hidden = theme.hidden = false;
  const open = (state) => { contents.classList.toggle("open", state); drawer.setAttribute("aria-expanded", state); };
  drawer.addEventListener("click", () => open(!contents.classList.contains("open")));
  contents.addEventListener("click", (event) => { if (event.target.closest("a")) open(false); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") open(false); });
  const links = new Map(all("a", contents).map((link) => [link.hash.slice(1), link]));
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) {
      for (const link of links.values()) { link.classList.remove("here"); link.removeAttribute("aria-current"); }
      links.get(entry.target.id)?.classList.add("here");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  for (const section of all("main > section, #text > section")) watcher.observe(section);
  const stored = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } }, set: (word) => { try { localStorage.setItem("theme", word); } catch { /* a page without a memory */ } } };
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const paint = (word) => { if (word) root.dataset.theme = word; theme.textContent = dark() ? "Light" : "Dark"; theme.setAttribute("aria-label", `${theme.textContent} colours`); };
  theme.addEventListener("click", () => { const word = dark() ? "light" : "dark"; paint(word); stored.set(word); });
  paint(stored.get());
  const wide = (place) => place.scrollWidth > place.clientWidth;
  const fit = () => {
    for (const place of all(".formula, p:has(> math[display='block'])")) {
      place.style.fontSize = "";
      if (wide(place)) place.style.fontSize = `${Math.max(0.62, place.clientWidth / place.scrollWidth)}em`;
    }
    // what scrolls can be reached by keyboard
    for (const place of all(".formula, .canvas, p:has(> math[display='block'])")) if (wide(place)) place.setAttribute("tabindex", "0"); else place.removeAttribute("tabindex");
  };
  addEventListener("resize", fit);
  fitUses();
  document.fonts.ready.then(fit);
  let closed = [];
  addEventListener("beforeprint", () => { closed = all("details:not([open]):not(.behind):not(.config)"); closed.forEach((fold) => { fold.open = true; }); });
  addEventListener("afterprint", () => closed.forEach((fold) => { fold.open = false; }));

  // --- widgets: a script calls pgpipe.widget(name, {tables, compute, mount}); it runs when its place comes into view ---
  const widgets = new Map();
  const mount = async (place) => {
    const { tables = [], mount: build } = widgets.get(place.dataset.widget);
    const found = await Promise.all(tables.map(table));
    if (found.includes(null)) return;
    place.hidden = false;
    await build(place, Object.fromEntries(tables.map((name, i) => [name, found[i]])));
  };
  const widget = (name, parts) => widgets.set(name, parts);
  const start = () => { for (const place of all("[data-widget]")) if (widgets.has(place.dataset.widget)) mount(place); };
  addEventListener("DOMContentLoaded", start);
  return { all, make, table, widget, widgets, standalone, again };
})();
