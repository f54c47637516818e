"use strict";
// Sampled gradients on the plane of a policy's two parameters, by estimator, stage and number of trajectories (P3).
{
  const { panel, picture, range, select, choice, controls, title, number, fixed, percent, words, capital } = pgpipe.plot;

  const FEWEST = 20; // dots of a cloud
  const distinct = (values) => [...new Set(values)];
  const mean = (points) => [0, 1].map((i) => points.reduce((sum, point) => sum + point[i], 0) / points.length);
  // The estimates of all batches, [g₁, g₂] each, and ∇J.
  const cloud = (table, { environment, policy, estimator, size }) => {
    const own = table.filter((row) => row.environment === environment && row.policy === policy && row.estimator === estimator && row.batch_size === size);
    const [first, second] = distinct(own.map((row) => row.parameter)).map((name) => own.filter((row) => row.parameter === name).sort((a, b) => a.batch - b.batch));
    return { points: first.map((row, i) => [row.value, second[i].value]), truth: [first[0].exact, second[0].exact], parameters: [first[0].parameter, second[0].parameter] };
  };
  // Means of so many batches each: estimates from so many times the trajectories.
  const averaged = (points, many) => Array.from({ length: Math.floor(points.length / many) }, (_, i) => mean(points.slice(i * many, (i + 1) * many)));
  // Mean, covariance [[a, b], [b, c]], and its trace.
  const spread = (points) => {
    const at = mean(points), part = (i, j) => points.reduce((sum, point) => sum + (point[i] - at[i]) * (point[j] - at[j]), 0) / (points.length - 1);
    return { mean: at, covariance: [[part(0, 0), part(0, 1)], [part(0, 1), part(1, 1)]], variance: part(0, 0) + part(1, 1) };
  };
  // The ellipse of two standard deviations about the mean.
  const ellipse = ({ mean: at, covariance: [[a, b], [, c]] }) => {
    const half = (a - c) / 2, root = Math.hypot(half, b), long = Math.sqrt(Math.max(0, (a + c) / 2 + root)), short = Math.sqrt(Math.max(0, (a + c) / 2 - root));
    const turn = Math.atan2(b, half) / 2;
    return Array.from({ length: 73 }, (_, i) => (i * Math.PI) / 36).map((phase) => {
      const [u, v] = [2 * long * Math.cos(phase), 2 * short * Math.sin(phase)];
      return [at[0] + u * Math.cos(turn) - v * Math.sin(turn), at[1] + u * Math.sin(turn) + v * Math.cos(turn)];
    });
  };
  const downhill = (points, truth) => points.filter(([a, b]) => a * truth[0] + b * truth[1] < 0).length;
  // What N can be: whole batches of some size, as many as leave enough dots; by larger batches where two ways lead there.
  const sizes = (table) => {
    const found = new Map();
    for (const size of distinct(table.map((row) => row.batch_size)).sort((a, b) => a - b)) {
      const batches = distinct(table.filter((row) => row.batch_size === size).map((row) => row.batch)).length;
      for (let many = 1; batches / many >= FEWEST || many === 1; many *= 2) found.set(size * many, { size, many });
    }
    return new Map([...found].sort(([a], [b]) => a - b));
  };
  const SYMBOLS = { sigma: "σ", log_sigma: "log σ", sigma_squared: "σ²" };

  const mount = (root, { gradient_samples: table, estimators }) => {
    const order = estimators.map((row) => row.estimator), named = distinct(table.map((row) => row.estimator));
    const colour = (name) => `var(--c${order.indexOf(name) % 8})`, first = (column) => table[0][column];
    const state = { environment: first("environment"), policy: first("policy"), estimator: named[0] };
    let stops = null;
    const settle = (part) => {
      Object.assign(state, part);
      if (!stages().includes(state.policy)) state.policy = stages()[0];
      stops = sizes(table.filter((row) => row.environment === state.environment && row.policy === state.policy));
      if (!stops.has(state.n)) state.n = [...stops.keys()][0];
    };
    const stages = () => distinct(table.filter((row) => row.environment === state.environment).map((row) => row.policy));
    const shown = (estimator, n = state.n) => {
      const { size, many } = stops.get(n), found = cloud(table, { ...state, estimator, size });
      return { ...found, points: averaged(found.points, many) };
    };
    const limits = () => {
      const least = [...stops.keys()][0], all = named.flatMap((name) => shown(name, least).points.concat(ellipse(spread(shown(name, least).points)))).concat([shown(named[0]).truth, [0, 0]]);
      return [0, 1].map((i) => [Math.min(...all.map((point) => point[i])), Math.max(...all.map((point) => point[i]))]);
    };
    const drawCloud = (svg, box) => {
      const { points, truth, parameters } = shown(state.estimator), [[l, r], [b, t]] = limits();
      // one scale on both axes, so that angles are what they are
      const unit = 1.08 * Math.max((r - l) / (box.width - 56), (t - b) / (box.height - 64)), reach = (low, high, pixels) => [(low + high - unit * pixels) / 2, (low + high + unit * pixels) / 2];
      const p = panel(svg, { box, x: { range: reach(l, r, box.width - 56), label: `estimate of ∂J/∂${SYMBOLS[parameters[0]] ?? parameters[0]}` }, y: { range: reach(b, t, box.height - 64), label: `estimate of ∂J/∂${SYMBOLS[parameters[1]] ?? parameters[1]}` } });
      const length = Math.hypot(...truth) || 1, far = 4 * unit * (box.width + box.height), up = truth.map((part) => (far * part) / length), side = [-up[1], up[0]];
      p.area([side, side.map((part) => -part)], [[side[0] - up[0], side[1] - up[1]], [-side[0] - up[0], -side[1] - up[1]]], { fill: "var(--soft)", "fill-opacity": 0.14 });
      p.dots(points, { r: 2.3, stroke: colour(state.estimator), "stroke-opacity": 0.6 });
      for (const name of named) if (name !== state.estimator) p.line(ellipse(spread(shown(name).points)), { stroke: colour(name), "stroke-width": 1, "stroke-dasharray": "3 3" });
      p.line(ellipse(spread(points)), { stroke: colour(state.estimator), "stroke-width": 2.4 });
      p.arrow([0, 0], truth, { stroke: "var(--paper)", width: 5 });
      p.arrow([0, 0], truth, { width: 2.2 });
      p.mark([0, 0], { r: 3 });
      p.mark(mean(points), { head: "diamond", r: 4.5, fill: colour(state.estimator), stroke: "var(--paper)", "stroke-width": 1 });
      p.text(truth, "∇J", { dx: 8, dy: -6, weight: 600 });
      const low = truth[1] >= 0;
      p.text([0, 0], "downhill: a small step lowers J", { dx: (p.from + p.to) / 2 - p.at(0), dy: (low ? p.bottom - 8 : p.top + 14) - p.up(0), anchor: "middle", fill: "var(--soft)" });
    };
    const drawVariances = (svg, box) => {
      const found = named.map((name) => spread(shown(name).points).variance), shares = found.map((value) => value / (found[0] || 1));
      const p = panel(svg, {
        box, left: 10, right: 14, x: { range: [0, 1.04 * Math.max(1, ...shares)], say: percent, label: `variance, relative to ${words(named[0])}` },
        y: { range: [named.length - 0.4, -0.6], ticks: [] },
      });
      named.forEach((name, i) => {
        const now = name === state.estimator;
        p.text([0, i - 0.12], `${words(name)}: ${number(found[i])}`, { dx: 2, dy: -2, fill: colour(name), weight: now ? 600 : 400 });
        p.line([[0, i + 0.18], [shares[i], i + 0.18]], { stroke: colour(name), "stroke-width": now ? 8 : 5 });
      });
    };
    const sentence = () => {
      const { points, truth } = shown(state.estimator), { mean: at, variance } = spread(points), told = (pair) => `(${pair.map((part) => fixed(part)).join(", ")})`;
      const { many } = stops.get(state.n), ratio = variance / spread(shown(named[0]).points).variance;
      return `${capital(words(state.environment))}, ${words(state.policy)}, N = ${state.n}${many > 1 ? `, each dot the mean of ${many} batches` : ""}: ${points.length} estimates by ${words(state.estimator)}, their mean ${told(at)}, ∇J = ${told(truth)}. ${downhill(points, truth)} of them point downhill.${state.estimator === named[0] ? "" : ` Their variance is ${number(ratio)} times that of ${words(named[0])}.`}`;
    };
    const draw = (svg, width) => {
      const wide = width > 560, half = wide ? Math.round(0.62 * width) : width, high = wide ? 360 : 320, rows = 46 * named.length + 64;
      drawCloud(svg, { left: 0, top: 0, width: half, height: high });
      drawVariances(svg, wide ? { left: half, top: 16, width: width - half, height: Math.min(high - 16, rows) } : { left: 0, top: high, width, height: rows });
      return { height: wide ? high : high + rows, label: `A cloud of gradient estimates by ${words(state.estimator)} around the true gradient, with an ellipse of two standard deviations`, says: sentence() };
    };
    const set = (name) => (value) => { state[name] = value; view.redraw(); };
    const change = (part) => {
      settle(part);
      stage.fill(stages().map((name) => [name, words(name)]), state.policy);
      count.fill([...stops.keys()], state.n);
      view.redraw();
    };
    settle({});
    const count = range({ label: "Trajectories N:", stops: [...stops.keys()], value: state.n, set: set("n") });
    const stage = select({ label: "Stage", options: stages().map((name) => [name, words(name)]), value: state.policy, set: (policy) => change({ policy }) });
    const environments = distinct(table.map((row) => row.environment)), where = select({ label: "Environment", options: environments.map((name) => [name, words(name)]), value: state.environment, set: (environment) => change({ environment }) });
    root.append(title("What one estimate looks like.", "Each dot is the gradient by one batch; the arrow is ∇J."),
      controls(choice({ label: "Estimator", options: named.map((name) => [name, words(name)]), value: state.estimator, set: set("estimator") })),
      controls(count, ...(stages().length > 1 ? [stage] : []), ...(environments.length > 1 ? [where] : [])));
    const view = picture(root, draw);
  };

  pgpipe.widget("gradient_cloud", { tables: ["gradient_samples", "estimators"], mount, compute: { cloud, averaged, spread, ellipse, downhill, sizes: (table) => [...sizes(table)] } });
}
