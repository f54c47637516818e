"use strict";
// What widgets draw and are steered with. A picture is SVG, drawn at the width it is shown in, so that its letters
// keep their size on a phone; its colours are the page's variables.
pgpipe.plot = (() => {
  const { make } = pgpipe;
  const shape = (tag, attributes = {}, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // --- numbers in words ---
  const minus = (text) => String(text).replace("-", "−");
  const raised = (n) => String(n).replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
  const number = (value, digits = 3) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "none";
    if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
    const size = Math.abs(value);
    if (size >= 1e5 || (size > 0 && size < 1e-3)) {
      const [front, exponent] = value.toExponential(digits - 1).split("e");
      return Number(front) === 1 ? `10${raised(Number(exponent))}` : `${minus(Number(front))}·10${raised(Number(exponent))}`;
    }
    return minus(Number.isInteger(value) ? value : Number(value.toPrecision(digits)));
  };
  const fixed = (value, digits = 2) => (Number.isFinite(value) ? minus((Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value).toFixed(digits)) : number(value));
  const percent = (share) => (share > 0 && share < 0.01 ? "under 1 %" : `${Math.round(100 * share)} %`);
  const words = (name) => pgpipe.names[name] ?? name.replaceAll("_", " ").replace("half trained", "half-trained");
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  // --- axes ---
  const scale = ({ range: [low, high], log }, start, end) => {
    const onto = log ? Math.log : (value) => value, from = log ? Math.exp : (value) => value;
    const a = onto(low), b = onto(high);
    const place = (value) => start + ((onto(value) - a) / (b - a)) * (end - start);
    place.back = (pixel) => from(a + ((pixel - start) / (end - start)) * (b - a));
    return place;
  };
  const even = (low, high, most) => {
    const rough = (high - low) / most, unit = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((part) => part * unit).find((part) => part >= rough * (1 - 1e-9));
    const found = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) found.push(Number((i * step).toPrecision(12)));
    return found;
  };
  const powers = (low, high, most) => {
    const decades = Math.log10(high / low), parts = decades > 2 ? [1] : decades > 0.9 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8];
    const found = [];
    for (let n = Math.floor(Math.log10(low)); n <= Math.ceil(Math.log10(high)); n++) {
      for (const part of parts) {
        const value = Number((part * 10 ** n).toPrecision(12));
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) found.push(value);
      }
    }
    const every = Math.ceil(found.length / most);
    return found.filter((_, i) => i % every === 0);
  };
  const ticksOf = (axis, most) => axis.ticks ?? (axis.log ? powers : even)(...axis.range, most);

  // --- one panel: a pair of axes and what is drawn between them; `box` is its outside, in pixels ---
  const HEADS = {
    circle: (r) => `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
    up: (r) => `M0 ${-1.2 * r}L${1.1 * r} ${0.8 * r}H${-1.1 * r}Z`,
    down: (r) => `M0 ${1.2 * r}L${1.1 * r} ${-0.8 * r}H${-1.1 * r}Z`,
    diamond: (r) => `M0 ${-1.25 * r}L${1.25 * r} 0L0 ${1.25 * r}L${-1.25 * r} 0Z`,
    square: (r) => `M${-r} ${-r}H${r}V${r}H${-r}Z`,
  };
  let clips = 0;
  const panel = (svg, { box, x, y, title = "", left = 46, right = 10 }) => {
    const top = box.top + (title || y.label ? 24 : 8), bottom = box.top + box.height - (x.label ? 40 : x.ticks?.length === 0 ? 8 : 22);
    const from = box.left + left, to = box.left + box.width - right;
    const [at, up] = [scale(x, from, to), scale(y, bottom, top)];
    const clip = `clip-${clips++}`;
    const rules = shape("g", { class: "rules" }), inside = shape("g", { "clip-path": `url(#${clip})` }), over = shape("g");
    for (const value of ticksOf(x, Math.max(2, Math.floor((to - from) / 62)))) {
      rules.append(shape("line", { x1: at(value), x2: at(value), y1: top, y2: bottom }),
        shape("text", { x: at(value), y: bottom + 15, "text-anchor": "middle", class: "soft" }, (x.say ?? number)(value)));
    }
    for (const value of ticksOf(y, Math.max(2, Math.floor((bottom - top) / 27)))) {
      rules.append(shape("line", { x1: from, x2: to, y1: up(value), y2: up(value) }),
        shape("text", { x: from - 6, y: up(value) + 4, "text-anchor": "end", class: "soft" }, (y.say ?? number)(value)));
    }
    if (x.label) rules.append(shape("text", { x: (from + to) / 2, y: bottom + 33, "text-anchor": "middle", class: "soft" }, x.label));
    if (title || y.label) {
      rules.append(shape("text", { x: title ? box.left : box.left + Math.min(left, 8), y: box.top + 13 },
        ...(title ? [shape("tspan", { class: "strong" }, title)] : []), ...(y.label ? [shape("tspan", { class: "soft", dx: title ? 8 : 0 }, y.label)] : [])));
    }
    svg.append(shape("clipPath", { id: clip }, shape("rect", { x: from, y: top, width: to - from, height: bottom - top })), rules, inside, over);
    const points = (list) => list.map(([a, b]) => `${at(a).toFixed(1)} ${up(b).toFixed(1)}`).join("L");
    const drawn = (list) => list.filter((point) => point.every(Number.isFinite));
    return {
      at, up, from, to, top, bottom,
      line: (list, style = {}) => inside.append(shape("path", { d: `M${points(drawn(list))}`, fill: "none", "stroke-width": 1.8, stroke: "var(--ink)", ...style })),
      area: (above, below, style = {}) => inside.append(shape("path", { d: `M${points(drawn(above))}L${points(drawn(below).reverse())}Z`, "fill-opacity": 0.18, fill: "var(--ink)", ...style })),
      mark: ([a, b], { head = "circle", r = 4, ...style } = {}) => over.append(shape("path", { d: HEADS[head](r), transform: `translate(${at(a).toFixed(1)} ${up(b).toFixed(1)})`, fill: "var(--ink)", ...style })),
      dots: (list, { r = 2, ...style } = {}) => inside.append(shape("path", { d: drawn(list).map(([a, b]) => `M${at(a).toFixed(1)} ${up(b).toFixed(1)}h0`).join(""), fill: "none", "stroke-linecap": "round", "stroke-width": 2 * r, stroke: "var(--ink)", ...style })),
      arrow: ([a, b], [c, d], { width = 2, stroke = "var(--ink)", ...style } = {}) => {
        const [x1, y1, x2, y2] = [at(a), up(b), at(c), up(d)], length = Math.hypot(x2 - x1, y2 - y1), head = Math.min(8, length);
        if (!(length > 0.5)) return;
        const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length], [mx, my] = [x2 - head * ux, y2 - head * uy];
        over.append(shape("g", style, shape("line", { x1, y1, x2: mx, y2: my, stroke, "stroke-width": width }),
          shape("path", { d: `M${x2} ${y2}L${mx - 0.5 * head * uy} ${my + 0.5 * head * ux}L${mx + 0.5 * head * uy} ${my - 0.5 * head * ux}Z`, fill: stroke })));
      },
      text: ([a, b], text, { dx = 0, dy = 0, anchor = "start", fill = "var(--ink)", weight = 400 } = {}) => over.append(shape("text", { x: at(a) + dx, y: up(b) + dy, "text-anchor": anchor, class: "halo", style: `fill: ${fill}; font-weight: ${weight}` }, text)),
      // names of lines at their right ends, one below the other where they would lie on each other
      ends: (names) => {
        let free = top + 10;
        for (const { y, text, fill } of names.map((name) => ({ ...name, y: Math.min(bottom - 6, Math.max(top + 10, up(name.value) - 6)) })).sort((a, b) => a.y - b.y)) {
          free = Math.max(free, y);
          over.append(shape("text", { x: to - 4, y: free, "text-anchor": "end", class: "halo", style: `fill: ${fill}` }, text));
          free += 15;
        }
      },
      across: (value, style = {}) => inside.append(shape("line", { x1: from, x2: to, y1: up(value), y2: up(value), stroke: "var(--soft)", ...style })),
      upright: (value, style = {}) => inside.append(shape("line", { x1: at(value), x2: at(value), y1: top, y2: bottom, stroke: "var(--soft)", ...style })),
      add: (element) => inside.append(element),
    };
  };

  // A picture that is drawn again whenever its width or its numbers change: `draw(svg, width)` tells {height, says}.
  const picture = (place, draw) => {
    const svg = shape("svg", { class: "plot", role: "img" }), says = make("p", { class: "says", role: "status" });
    const frame = make("div", { class: "frame" }, svg);
    place.append(frame, says);
    let width = 0;
    const redraw = () => {
      width = frame.clientWidth;
      if (width < 100) return;
      svg.replaceChildren();
      const { height, label, says: sentence } = draw(svg, width);
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.setAttribute("height", height);
      svg.setAttribute("aria-label", `${label}. ${sentence}`);
      if (says.textContent !== sentence) says.textContent = sentence;
    };
    new ResizeObserver(() => { if (frame.clientWidth !== width) redraw(); }).observe(frame);
    redraw();
    return { svg, redraw };
  };

  // --- controls: `set` hears of every new value; `put` sets one without telling ---
  let names = 0;
  // A slider over `stops`, a list of values, or from `low` to `high`, evenly in the logarithm if `log`.
  const range = ({ label, stops, low, high, step, log, value, say = number, set }) => {
    const onto = (v) => (stops ? Math.max(0, stops.indexOf(v)) : log ? Math.log10(v) : v);
    const from = (place) => (stops ? stops[place] : log ? 10 ** place : place);
    const id = `control-${names++}`, name = make("label", { for: id }, label), rename = (text) => { name.textContent = text; };
    const input = make("input", { id, type: "range", min: stops ? 0 : onto(low), max: stops ? stops.length - 1 : onto(high), step: stops ? 1 : step });
    const output = make("output");
    const show = (v) => { output.textContent = say(v); input.setAttribute("aria-valuetext", say(v)); };
    const put = (v) => { input.value = onto(v); show(v); };
    const fill = (list, v) => { stops = list; input.max = list.length - 1; put(v); };
    input.addEventListener("input", () => { const v = from(Number(input.value)); show(v); set(v); });
    put(value);
    return { element: make("div", { class: "control" }, make("span", {}, name, " ", output), input), input, put, fill, rename };
  };
  const select = ({ label, options, value, set }) => {
    const input = make("select", { onchange: () => set(options[input.selectedIndex][0]) });
    const put = (v) => { input.selectedIndex = options.findIndex(([option]) => option === v); };
    const fill = (list, v) => { options = list; input.replaceChildren(...list.map(([, text]) => make("option", {}, text))); put(v); };
    fill(options, value);
    return { element: make("label", { class: "control" }, make("span", {}, label), input), input, put, fill };
  };
  const choice = ({ label, options, value, set }) => {
    const name = `choice-${names++}`;
    const inputs = options.map(([option]) => make("input", { type: "radio", name, onchange: () => set(option) }));
    const put = (v) => options.forEach(([option], i) => { inputs[i].checked = option === v; });
    put(value);
    return { element: make("fieldset", { class: "control choice" }, make("legend", {}, label), make("div", {}, ...options.map(([, text], i) => make("label", {}, inputs[i], make("span", {}, text))))), put };
  };
  const button = (text, onclick) => make("button", { type: "button", onclick }, text);
  const controls = (...parts) => make("div", { class: "controls" }, ...parts.map((part) => part.element ?? part));
  const title = (text, sentence = "") => make("p", { class: "title" }, make("strong", {}, text), sentence && ` ${sentence}`);

  return { shape, number, fixed, percent, words, capital, minus, panel, picture, range, select, choice, button, controls, title };
})();
