"use strict";
// Steps on the plane of (k, σ) along the exact gradient, by the reader's start, line and rule (F9, F11, E40, E41).
{
  const { shape, panel, picture, range, choice, controls, button, title, number, fixed } = pgpipe.plot;
  const { stateMoments, objective, fisher, divergences, bestGain, best } = pgpipe.line;

  const RULES = {
    vanilla: { name: "vanilla", size: "Step size α:", start: 0.01, stroke: "var(--vanilla)", dash: undefined },
    normalised: { name: "normalised", size: "Length of a step:", start: 0.05, stroke: "var(--c0)", dash: "5 3" },
    natural: { name: "natural", size: "Step size α:", start: 0.05, stroke: "var(--natural)", dash: "1 3" },
    bound: { name: "natural to a KL bound", size: "KL bound ε per step:", start: 0.05, stroke: "var(--natural)", dash: undefined },
  };
  const times = (a, list) => list.map((value) => a * value);
  // KL per step of the change (Δk, Δσ)
  const klOf = ({ k, sigma }, [dk, dSigma], line) => divergences({ k, sigma }, { k: k + dk, sigma: sigma + dSigma }, line).at(-1) / line.horizon;
  // the longest step along d that was found to keep KL ≤ ε, by halving from √(2ε/dᵀFd); none if it never does
  const toBound = (bound, direction, policy, line) => {
    const square = fisher(policy, line).reduce((sum, f, i) => sum + f * direction[i] ** 2, 0);
    let alpha = square > 0 ? Math.sqrt((2 * bound) / square) : 0;
    for (let attempt = 0; attempt < 12 && alpha > 0; attempt++) {
      const change = times(alpha, direction), kl = klOf(policy, change, line);
      if (kl <= bound) return change;
      alpha *= Math.max(0.5, Number.isFinite(kl) ? 0.99 * Math.sqrt(bound / kl) : 0);
    }
    return [0, 0];
  };
  // (Δk, Δσ) of one step
  const change = (rule, size, policy, line) => {
    const { gradient } = objective(policy, line);
    if (rule === "vanilla") return times(size, gradient);
    if (rule === "normalised") return times(size / Math.hypot(...gradient), gradient);
    const F = fisher(policy, line), natural = gradient.map((value, i) => value / F[i]);
    return rule === "natural" ? times(size, natural) : toBound(size, natural, policy, line);
  };
  const path = (rule, size, steps, start, line) => {
    const found = [{ ...start, J: objective(start, line).J }];
    for (let i = 0; i < steps; i++) {
      const { k, sigma } = found.at(-1), [dk, dSigma] = change(rule, size, { k, sigma }, line), next = { k: k + dk, sigma: sigma + dSigma };
      const { J } = objective(next, line);
      if (![next.k, next.sigma, J].every(Number.isFinite)) break;
      found.push({ ...next, J });
    }
    return found;
  };

  // Lines of equal value over a grid: in every cell those pieces that linear interpolation finds.
  const contour = (xs, ys, values, level) => {
    const pieces = [], cut = (a, b, u, v) => a + ((b - a) * (level - u)) / (v - u);
    for (let i = 0; i + 1 < xs.length; i++) for (let j = 0; j + 1 < ys.length; j++) {
      const corners = [[xs[i], ys[j], values[i][j]], [xs[i + 1], ys[j], values[i + 1][j]], [xs[i + 1], ys[j + 1], values[i + 1][j + 1]], [xs[i], ys[j + 1], values[i][j + 1]]];
      const ends = corners.flatMap(([x, y, u], n) => {
        const [x2, y2, v] = corners[(n + 1) % 4];
        return u > level !== v > level ? [[cut(x, x2, u, v), cut(y, y2, u, v)]] : [];
      });
      for (let n = 0; n + 1 < ends.length; n += 2) pieces.push([ends[n], ends[n + 1]]);
    }
    return pieces;
  };
  const spaced = (low, high, n) => Array.from({ length: n + 1 }, (_, i) => low + ((high - low) * i) / n);
  const LEVELS = [0.01, 0.04, 0.09, 0.16, 0.25, 0.36, 0.49, 0.64, 0.81];
  const K = [-1.7, 0.4], SIGMA = [0, 1.05];
  const defaults = { k: -0.3, sigma: 0.5, horizon: 10, startStd: 1, noise: 0, gamma: 0.95 };

  const mount = (root) => {
    const state = { k: defaults.k, sigma: defaults.sigma, m0: defaults.startStd ** 2, horizon: defaults.horizon, gamma: defaults.gamma, noise: defaults.noise, rule: "vanilla", steps: 30 };
    const sizes = Object.fromEntries(Object.entries(RULES).map(([rule, { start }]) => [rule, start]));
    const line = () => ({ horizon: state.horizon, startStd: Math.sqrt(state.m0), noise: state.noise, gamma: state.gamma });
    const walked = () => path(state.rule, sizes[state.rule], state.steps, { k: state.k, sigma: state.sigma }, line());
    let kept = [], plane = null;

    const drawContours = (p) => {
      const ks = spaced(...K, 70), sigmas = spaced(...SIGMA, 35), own = line();
      const values = ks.map((k) => sigmas.map((sigma) => objective({ k, sigma }, own).J));
      const ranked = values.flat().sort((a, b) => b - a);
      LEVELS.forEach((share, i) => {
        const d = contour(ks, sigmas, values, ranked[Math.floor(share * ranked.length)]).map(([[a, b], [c, e]]) => `M${p.at(a).toFixed(1)} ${p.up(b).toFixed(1)}L${p.at(c).toFixed(1)} ${p.up(e).toFixed(1)}`).join("");
        p.add(shape("path", { d, fill: "none", stroke: "var(--c0)", "stroke-width": 1.2, "stroke-opacity": 0.8 - 0.07 * i }));
      });
    };
    const drawPath = (p, points, rule, now) => {
      const look = { stroke: RULES[rule].stroke, "stroke-dasharray": RULES[rule].dash, "stroke-width": now ? 2.2 : 1.4 };
      const places = points.map(({ k, sigma }) => [k, Math.abs(sigma)]);
      p.line(places, look);
      if (now) p.dots(places, { r: 2.4, stroke: look.stroke });
    };
    const drawPlane = (svg, box, found, top) => {
      const p = panel(svg, { box, x: { range: K, label: "gain k" }, y: { range: SIGMA, label: "spread σ" } });
      drawContours(p);
      if (top.unique) p.mark([top.k, 0], { head: "diamond", r: 6, fill: "var(--c4)" });
      else p.line([[K[0], 0], [K[1], 0]], { stroke: "var(--c4)", "stroke-width": 6 });
      p.text([top.k, 0], top.unique ? `best: k = ${fixed(top.k)}, σ = 0` : "σ = 0: every k is best", { dx: top.unique ? -10 : 0, dy: top.unique ? -6 : -8, anchor: top.unique ? "end" : "middle", fill: "var(--c4)", weight: 600 });
      for (const old of kept) drawPath(p, old.found, old.rule, false);
      drawPath(p, found, state.rule, true);
      p.mark([state.k, state.sigma], { r: 6, fill: "var(--paper)", stroke: "var(--ink)", "stroke-width": 2 });
      p.text([state.k, state.sigma], "start", { dx: 10, dy: -8, weight: 600 });
      return p;
    };
    const drawProgress = (svg, box, found, top) => {
      const near = 0.01 * Math.abs(top.J), all = [...kept.map((old) => old.found), found];
      const missing = (points) => points.map(({ J }, i) => [i, top.J - J]);
      const gaps = all.flatMap(missing).map(([, value]) => value).filter((value) => value > 0);
      const high = Math.max(...gaps, near || 0), low = Math.max(Math.min(...gaps, near || Infinity), 1e-6 * high);
      const p = panel(svg, { box, x: { range: [0, Math.max(1, ...all.map((points) => points.length - 1))], label: "steps" }, y: { range: [low / 1.3, high * 1.3], log: true, label: "J* − J, what is missing" } });
      if (near) { p.across(near, { "stroke-dasharray": "2 3" }); p.text([0, near], "1\u00a0% of J*", { dx: 4, dy: -4, fill: "var(--soft)" }); }
      const shown = (points) => missing(points).map(([i, value]) => [i, Math.max(value, low / 1.3)]);
      for (const { found: points, rule: by, now } of [...kept, { found, rule: state.rule, now: true }]) {
        const { stroke, dash } = RULES[by];
        p.line(shown(points), { stroke, "stroke-dasharray": dash, "stroke-width": now ? 2.2 : 1.4 });
        if (now) p.dots(shown(points), { r: 2.4, stroke });
      }
      if (kept.length) p.ends([...kept, { found, rule: state.rule, size: sizes[state.rule] }].map((one) => ({ value: shown(one.found).at(-1)[1], text: `${RULES[one.rule].name}, ${number(one.size, 2)}`, fill: RULES[one.rule].stroke })));
    };
    const told = (value) => number(Math.abs(value) < 1e-9 ? 0 : value, 4);
    const sentence = (found, top) => {
      const last = found.at(-1), taken = found.length - 1, near = found.findIndex(({ J }) => top.J - J <= 0.01 * Math.abs(top.J));
      const crossed = found.some(({ sigma }) => sigma * found[0].sigma < 0) ? " σ changed its sign on the way; −σ is the same policy as σ, and is drawn there." : "";
      const ended = taken < state.steps ? ` It diverged after ${taken} ${taken === 1 ? "step" : "steps"}.` : "";
      const arrived = top.J === 0 ? "" : near >= 0 ? ` Within 1\u00a0% of the best J after ${near}.` : " Not within 1\u00a0% of the best J.";
      return `${taken} ${taken === 1 ? "step" : "steps"}, ${RULES[state.rule].name}: J from ${told(found[0].J)} to ${told(last.J)}; the best is ${told(top.J)}. The path ends at k = ${told(last.k)}, σ = ${told(Math.abs(last.sigma))}.${ended || arrived}${crossed}`;
    };
    const draw = (svg, width) => {
      const wide = width > 560, half = wide ? Math.round(0.58 * width) : width, high = wide ? 320 : 280, found = walked(), top = best(line());
      plane = drawPlane(svg, { left: 0, top: 0, width: half, height: high }, found, top);
      drawProgress(svg, wide ? { left: half, top: 0, width: width - half, height: high } : { left: 0, top: high, width, height: 190 }, found, top);
      return { height: wide ? high : high + 190, label: "Left, the path of the steps over k and σ on contours of J; right, how far J is from the best, step by step", says: sentence(found, top) };
    };

    const set = (name) => (value) => { state[name] = value; kept = ["m0", "horizon", "gamma", "noise"].includes(name) ? [] : kept; view.redraw(); };
    const size = range({ label: "Step size:", low: 1e-4, high: 1, log: true, step: 0.05, value: sizes.vanilla, say: (value) => number(value, 2), set: (value) => { sizes[state.rule] = value; view.redraw(); } });
    const named = () => { size.rename(RULES[state.rule].size); size.put(sizes[state.rule]); };
    const rule = choice({ label: "Step", options: Object.entries(RULES).map(([key, { name }]) => [key, name]), value: state.rule, set: (key) => { state.rule = key; named(); view.redraw(); } });
    const startK = range({ label: "Start, k:", low: K[0] + 0.05, high: K[1] - 0.05, step: 0.01, value: state.k, say: (v) => fixed(v), set: set("k") });
    const startSigma = range({ label: "Start, σ:", low: 0.02, high: 1, step: 0.01, value: state.sigma, say: (v) => fixed(v), set: set("sigma") });
    root.append(title("Climb it yourself.", "Click a start. The gradient is exact: what goes wrong here is not noise."),
      controls(rule), controls(size,
        range({ label: "Number of steps:", stops: [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 200, 500], value: state.steps, set: set("steps") }), startK, startSigma),
      controls(
        range({ label: "Start variance m₀:", low: 0, high: 2, step: 0.05, value: state.m0, say: (v) => fixed(v), set: set("m0") }),
        range({ label: "Noise of the line, ν:", low: 0, high: 1, step: 0.05, value: state.noise, say: (v) => fixed(v), set: set("noise") }),
        range({ label: "Horizon T:", stops: [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100], value: state.horizon, set: set("horizon") }),
        range({ label: "Discount γ:", low: 0.5, high: 1, step: 0.01, value: state.gamma, say: (v) => fixed(v), set: set("gamma") })));
    named();
    const view = picture(root, draw);
    view.svg.addEventListener("click", (event) => {
      const at = view.svg.getBoundingClientRect(), [x, y] = [event.clientX - at.left, event.clientY - at.top];
      if (x < plane.from || x > plane.to || y < plane.top || y > plane.bottom) return;
      const within = (value, low, high) => Math.min(high, Math.max(low, Math.round(100 * value) / 100));
      Object.assign(state, { k: within(plane.at.back(x), K[0] + 0.05, K[1] - 0.05), sigma: within(plane.up.back(y), 0.02, 1) });
      startK.put(state.k); startSigma.put(state.sigma);
      view.redraw();
    });
    root.append(controls(button("Keep this path", () => { kept.push({ rule: state.rule, size: sizes[state.rule], found: walked() }); view.redraw(); }), button("Forget kept paths", () => { kept = []; view.redraw(); })));
  };

  pgpipe.widget("playground", { mount, compute: { stateMoments, objective, fisher, divergences, bestGain, best, klOf, toBound, change, path, defaults: () => defaults } });
}
