"use strict";
// One gradient step on three samples, with any constant added to their returns (F3, F4, F5).
{
  const { panel, picture, range, choice, controls, title, fixed } = pgpipe.plot;

  // ∇log N(x; μ, σ²) by (μ, log σ)
  const score = (x, mean, spread) => [(x - mean) / spread ** 2, ((x - mean) / spread) ** 2 - 1];
  // ĝ = (1/N) Σ_i ∇log p(x_i) r_i
  const gradient = (xs, returns, mean, spread) => {
    const scores = xs.map((x) => score(x, mean, spread));
    return [0, 1].map((part) => scores.reduce((sum, own, i) => sum + own[part] * returns[i], 0) / xs.length);
  };
  // θ ← θ + α ĝ, θ = (μ, log σ): the policy after the step
  const step = (xs, returns, mean, spread, rate) => {
    const [byMean, byLogSpread] = gradient(xs, returns, mean, spread);
    return { mean: mean + rate * byMean, spread: spread * Math.exp(rate * byLogSpread) };
  };
  // what a step on one sample alone would add to μ
  const push = (x, value, mean, spread, rate) => rate * score(x, mean, spread)[0] * value;
  // min(r, b), b the lower of the two good samples' returns
  const levelled = (returns) => returns.map((value) => Math.min(value, [...returns].sort((a, b) => a - b).at(-2)));
  const density = (x, mean, spread) => Math.exp(-(((x - mean) / spread) ** 2) / 2) / (spread * Math.sqrt(2 * Math.PI));
  const average = (values) => values.reduce((a, b) => a + b) / values.length;

  const GOOD = { colour: "var(--c2)", head: "up" }, BAD = { colour: "var(--c1)", head: "down" };
  const grid = (low, high, n) => Array.from({ length: n + 1 }, (_, i) => low + ((high - low) * i) / n);

  const mount = (root, { three_samples: samples, three_steps: steps, three_curves: curves }) => {
    const own = samples.filter((row) => row.case === "returns"), xs = own.map((row) => row.x), raw = own.map((row) => row.return);
    const { mean, spread, learning_rate: rate } = steps.find((row) => row.case === "returns");
    const line = curves.filter((row) => row.case === "returns").map((row) => [row.x, row.return]);
    const added = average(samples.filter((row) => row.case === "constant_added").map((row) => row.return)) - average(raw);
    const plateau = Math.max(...levelled(raw)), most = Math.ceil(2.4 * Math.max(added, ...raw.map(Math.abs))) / 2;
    const state = { constant: 0, level: false };
    const worst = raw.indexOf(Math.min(...raw));
    const look = (i) => (i === worst ? BAD : GOOD);
    const changed = () => state.constant !== 0 || state.level;
    const now = () => (state.level ? levelled(raw) : raw).map((value) => value + state.constant);
    const inView = [mean - 3.3 * spread, mean + 3.7 * spread];
    const furthest = [-most, 0, most].flatMap((c) => xs.map((x, i) => Math.abs(push(x, raw[i] + c, mean, spread, rate))));
    const unit = (1.9 * spread) / (Math.max(...furthest) || 1);

    const drawReturns = (svg, box) => {
      const returns = now(), all = [...line.map(([, r]) => r), ...raw, 0];
      const p = panel(svg, { box, x: { range: inView, ticks: [] }, y: { range: [Math.min(...all) - most - 0.6, Math.max(...all) + most + 0.6], label: "return" } });
      p.across(0);
      p.line(line.map(([x, r]) => [x, (state.level ? Math.min(r, plateau) : r) + state.constant]), { stroke: "var(--c3)" });
      returns.forEach((value, i) => {
        p.line([[xs[i], 0], [xs[i], value]], { stroke: look(i).colour, "stroke-width": 6 });
        p.mark([xs[i], value], { head: value < 0 ? "down" : "up", r: 6, fill: look(i).colour });
        p.text([xs[i], value], fixed(value), { dy: value < 0 ? 20 : -11, anchor: "middle" });
      });
    };
    const drawPushes = (svg, box) => {
      const returns = now();
      const p = panel(svg, { box, x: { range: inView, ticks: [] }, y: { range: [-xs.length + 0.4, 0.6], ticks: [], label: "push of each sample on the mean μ" } });
      returns.forEach((value, i) => {
        const size = push(xs[i], value, mean, spread, rate);
        p.mark([xs[i], -i], { head: "circle", r: 3, fill: look(i).colour });
        p.arrow([xs[i], -i], [xs[i] + unit * size, -i], { stroke: look(i).colour, width: 2.5 });
        p.text([xs[i], -i], Math.abs(size) < 0.005 ? "no push" : `${size > 0 ? "+" : ""}${fixed(size)}`, { dx: size < 0 ? 8 : -8, dy: 4, anchor: size < 0 ? "start" : "end" });
      });
    };
    const drawPolicies = (svg, box, left) => {
      const after = step(xs, now(), mean, spread, rate), before = step(xs, raw, mean, spread, rate);
      const places = grid(...inView, 140), curve = (m, s) => places.map((x) => [x, density(x, m, s)]);
      const top = 1.75 * density(mean, mean, spread);
      const p = panel(svg, { box, left, x: { range: inView, label: "x, which stands for the trajectory" }, y: { range: [0, top], ticks: [], label: "policy" } });
      p.area(curve(mean, spread), places.map((x) => [x, 0]), { fill: "var(--soft)" });
      p.line(curve(mean, spread), { stroke: "var(--soft)", "stroke-width": 1.2 });
      if (changed()) p.line(curve(before.mean, before.spread), { stroke: "var(--c0)", "stroke-dasharray": "3 4", "stroke-width": 1.4 });
      p.line(curve(after.mean, after.spread), { stroke: "var(--c0)", "stroke-width": 2.5 });
      p.upright(mean, { "stroke-dasharray": "2 3" });
      p.arrow([mean, 0.9 * top], [after.mean, 0.9 * top], { stroke: "var(--c0)" });
      xs.forEach((x, i) => p.mark([x, 0], { head: look(i).head, r: 5, fill: look(i).colour }));
      const grey = { fill: "var(--soft)" }, right = { anchor: "end", fill: "var(--c0)", weight: 600 };
      p.text([inView[0], 0.9 * top], "before", { dx: 4, ...grey });
      p.text([inView[0], 0.9 * top], `μ ${fixed(mean)}, σ ${fixed(spread)}`, { dx: 4, dy: 16, ...grey });
      p.text([inView[1], 0.9 * top], "after", { dx: -4, ...right });
      p.text([inView[1], 0.9 * top], `μ ${fixed(after.mean)}, σ ${fixed(after.spread)}`, { dx: -4, dy: 16, ...right });
      if (changed()) p.text([inView[1], 0.9 * top], "dashed: without c", { dx: -4, dy: 32, ...right, weight: 400 });
    };
    const sentence = () => {
      const after = step(xs, now(), mean, spread, rate), before = step(xs, raw, mean, spread, rate);
      const told = (policy) => `μ\u00a0=\u00a0${fixed(policy.mean)}, σ\u00a0=\u00a0${fixed(policy.spread)}`;
      if (!changed()) return `With the returns as they are, the step takes the policy to ${told(after)}.`;
      const what = state.level ? `With the good samples' returns cut to the same, ${fixed(plateau + state.constant)}` : `With ${fixed(state.constant)} added to every return`;
      return `${what}, the step takes the policy to ${told(after)}; with the returns as they are, to ${told(before)}. The samples are the same three.`;
    };
    const draw = (svg, width) => {
      const wide = width > 560, half = wide ? Math.round(0.52 * width) : width, high = wide ? 200 : 176;
      drawReturns(svg, { left: 0, top: 0, width: half, height: high });
      drawPushes(svg, { left: 0, top: high, width: half, height: 96 });
      if (wide) drawPolicies(svg, { left: half, top: 0, width: width - half, height: high + 96 }, 16);
      else drawPolicies(svg, { left: 0, top: high + 96, width, height: 210 }, 40);
      return { height: high + (wide ? 96 : 306), label: "Three samples with their returns, the push of each on the mean of the policy, and the policy before and after one step", says: sentence() };
    };

    const presets = { "F3: as they are": [0, false], "F4: all positive": [added, false], "F5: good ones at zero": [-plateau, true], "their mean at zero": [-average(raw), false] };
    const slider = range({ label: "Constant c added to every return:", low: -most, high: most, step: 0.05, value: 0, say: (c) => fixed(c), set: (constant) => {
      state.constant = constant;
      returns.put(Object.keys(presets).find((name) => presets[name][0] === constant && presets[name][1] === state.level));
      view.redraw();
    } });
    const returns = choice({ label: "Returns", options: Object.keys(presets).map((name) => [name, name]), value: "F3: as they are", set: (name) => {
      [state.constant, state.level] = presets[name];
      slider.put(state.constant);
      view.redraw();
    } });
    root.append(title("Nothing about the problem changed. The step did.", "Move the constant."), controls(slider), controls(returns));
    const view = picture(root, draw);
  };

  pgpipe.widget("add_a_constant", { tables: ["three_samples", "three_steps", "three_curves"], mount, compute: { score, gradient, step, push, levelled, density } });
}
