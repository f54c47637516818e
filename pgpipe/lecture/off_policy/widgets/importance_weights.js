"use strict";
// What is left of a sample under importance weights, by distance and horizon: measured, and in closed form (P8, P9).
{
  const { panel, picture, range, select, choice, controls, title, number, fixed, percent, words, capital } = pgpipe.plot;

  const { stateMoments, divergences } = pgpipe.line;

  // E_θ[w_tⁿ] of the product of the first t ratios, t = 1, …, T; ∞ where not finite: the recursion of math.md
  const weightMoments = (old, target, { horizon, startStd, noise }, n = 2) => {
    const p = 1 / old.sigma ** 2, q = 1 / target.sigma ** 2, moments = Array(horizon).fill(Infinity);
    let logAlpha = 0, beta = 0;
    for (let t = 0; t < horizon; t++) {
      const u = 1 - 2 * beta * noise ** 2, h = u > 0 ? n * q - (n - 1) * p - (2 * beta) / u : 0;
      if (h <= 0) break;
      const linear = n * target.k * q - (n - 1) * old.k * p + (2 * beta) / u;
      const square = ((n - 1) * old.k ** 2 * p) / 2 - (n * target.k ** 2 * q) / 2 + beta / u;
      logAlpha += (n - 1) * Math.log(Math.abs(old.sigma)) - n * Math.log(Math.abs(target.sigma)) - (Math.log(u) + Math.log(h)) / 2;
      beta = square + linear ** 2 / (2 * h);
      const bracket = 1 - 2 * beta * startStd ** 2;
      if (bracket > 0) moments[t] = Math.exp(logAlpha - Math.log(bracket) / 2);
    }
    return moments;
  };

  const OLD = { k: -0.3, sigma: 0.5 }, LONGEST = 100;
  const nats = (value, digits) => `${number(value, digits)} ${number(value, digits) === "1" ? "nat" : "nats"}`;
  const steps = (n) => `${n} ${n === 1 ? "step" : "steps"}`;
  const distinct = (values) => [...new Set(values)];
  const shares = { range: [0, 1.02], say: percent, ticks: [0, 0.25, 0.5, 0.75, 1] };

  // Two panels side by side, or one over the other; T is marked in both.
  const halves = (svg, width, axes) => {
    const wide = width > 560, across = wide ? width / 2 : width;
    const boxes = [{ left: 0, top: 0, width: across, height: 240 }, { left: wide ? across : 0, top: wide ? 0 : 240, width: across, height: 240 }];
    return { panels: axes.map((own, i) => panel(svg, { box: boxes[i], right: 14, ...own })), height: wide ? 240 : 480 };
  };
  const finite = (list) => list.filter(([, value]) => Number.isFinite(value));

  const measured = (place, table) => {
    const environments = distinct(table.map((row) => row.environment));
    const several = environments.find((name) => table.some((row) => row.environment === name && row.horizon > 1)) ?? environments[0];
    const state = { environment: several };
    const here = () => table.filter((row) => row.environment === state.environment && row.direction === state.direction);
    const rows = () => here().filter((row) => row.distance === state.distance);
    const draw = (svg, width) => {
      const own = rows(), all = here().flatMap((row) => [row.log_q05, row.log_q95, 0]), last = own.at(-1).horizon;
      const x = { range: last > 1 ? [1, last] : [0.5, 1.5], log: last > 30, label: "steps t", ticks: last < 4 ? own.map((row) => row.horizon) : undefined };
      const { panels: [weights, left], height } = halves(svg, width, [
        { x, y: { range: [Math.min(...all) - 0.1, Math.max(...all) + 0.1] }, title: "log-weight (nats)" },
        { x, y: shares, title: "share of the sample" },
      ]);
      const over = (name) => own.map((row) => [row.horizon, row[name]]), at = own.find((row) => row.horizon === state.horizon);
      weights.area(over("log_q95"), over("log_q05"), { fill: "var(--c0)" });
      weights.area(over("log_q75"), over("log_q25"), { fill: "var(--c0)", "fill-opacity": 0.3 });
      weights.line(over("log_q50"), { stroke: "var(--c0)", "stroke-width": 2.2 });
      weights.across(0, { "stroke-dasharray": "4 3" });
      left.line(over("effective_share"), { stroke: "var(--c0)", "stroke-width": 2.2 });
      left.line(over("largest_share"), { stroke: "var(--c1)", "stroke-dasharray": "6 3" });
      for (const row of own) if (row.exact_second_moment) left.mark([row.horizon, 1 / row.exact_second_moment], { head: "diamond", r: 3, fill: "none", stroke: "var(--ink)" });
      for (const p of [weights, left]) p.upright(state.horizon, { stroke: "var(--ink)", "stroke-dasharray": "2 3" });
      for (const [name, text, i] of [["log_q95", "95 %", 0], ["log_q50", "median", 0], ["log_q05", "5 %", 0]]) {
        weights.mark([state.horizon, at[name]], { r: 3, fill: "var(--c0)" });
        weights.text([state.horizon, at[name]], text, { dx: weights.at(state.horizon) > weights.to - 60 ? -8 : 8, dy: name === "log_q95" ? -6 : name === "log_q05" ? 14 : 4 + i, anchor: weights.at(state.horizon) > weights.to - 60 ? "end" : "start" });
      }
      left.text([x.range[0], 0], "effective sample size", { dx: 6, dy: -(left.bottom - left.top) * 0.26, fill: "var(--c0)", weight: 600 });
      left.text([x.range[0], 0], "the largest weight's share of the sum, dashed", { dx: 6, dy: -(left.bottom - left.top) * 0.26 + 16, fill: "var(--c1)" });
      if (own.some((row) => row.exact_second_moment)) left.text([x.range[0], 0], "◇ exact, 1/E[w²]", { dx: 6, dy: -(left.bottom - left.top) * 0.26 + 32 });
      return { height, label: "Left, quantiles of the logarithm of the weights over the number of steps; right, effective sample size and the largest weight's share", says: sentence(at) };
    };
    const sentence = (row) => {
      const weight = (name) => number(Math.exp(row[name]), 2), N = row.n;
      const moment = row.exact_second_moment === Infinity ? " E[w²] is infinite: no number of samples gives such a mean a variance, whatever this sample looks like." : row.exact_second_moment ? ` Exactly, E[w²] = ${number(row.exact_second_moment)}.` : "";
      return `${capital(words(row.environment))}, ${words(row.policy)}, ${nats(row.kl, 2)} away: after ${steps(row.horizon)} nine in ten weights lie between ${weight("log_q05")} and ${weight("log_q95")}, half of them below ${weight("log_q50")}, and ${percent(row.above_one)} above one. ${N.toLocaleString("en")} trajectories are worth ${Math.round(N * row.effective_share).toLocaleString("en")}; the largest weight has ${percent(row.largest_share)} of the sum.${moment}`;
    };
    // What the run has for what is chosen; a choice that is no longer there gives way to the last.
    const settle = (change) => {
      Object.assign(state, change);
      const kept = (name, values) => { if (!values.includes(state[name])) state[name] = name === "direction" ? values[0] : values.at(-1); return values; };
      return {
        directions: kept("direction", distinct(table.filter((row) => row.environment === state.environment).map((row) => row.direction))),
        distances: kept("distance", distinct(here().map((row) => row.distance)).sort((a, b) => a - b)),
        horizons: kept("horizon", rows().map((row) => row.horizon)),
      };
    };
    const named = (directions) => directions.map((name) => [name, name === "gradient" ? "the gradient" : name.replace("random", "random direction")]);
    const change = (part) => {
      const { directions, distances, horizons } = settle(part);
      along.fill(named(directions), state.direction);
      distance.fill(distances, state.distance);
      horizon.fill(horizons, state.horizon);
      view.redraw();
    };
    const has = settle({});
    const where = select({ label: "Environment", options: environments.map((name) => [name, words(name)]), value: state.environment, set: (environment) => change({ environment }) });
    const along = select({ label: "Target lies along", options: named(has.directions), value: state.direction, set: (direction) => change({ direction }) });
    const distance = range({ label: "Distance (KL):", stops: has.distances, value: state.distance, say: (value) => nats(value), set: (value) => change({ distance: value }) });
    const horizon = range({ label: "Horizon T:", stops: has.horizons, value: state.horizon, say: steps, set: (value) => change({ horizon: value }) });
    place.append(controls(where, along, distance, horizon));
    const view = picture(place, draw);
    return view;
  };

  const closed = (place) => {
    const state = { shift: 0.15, ratio: 1, horizon: 20, start: 1 };
    const draw = (svg, width) => {
      const line = { horizon: LONGEST, startStd: Math.sqrt(state.start), noise: 0 }, target = { k: OLD.k + state.shift, sigma: OLD.sigma * state.ratio };
      const kl = divergences(OLD, target, line), moments = weightMoments(OLD, target, line), T = state.horizon;
      const over = (values) => finite(values.map((value, t) => [t + 1, value])), end = moments.findIndex((value) => value === Infinity);
      const logs = over(moments.map(Math.log)), x = { range: [1, LONGEST], log: true, label: "steps t" };
      const most = Math.min(12, Math.max(0.5, 1.2 * kl.at(-1), ...logs.map(([, value]) => 1.2 * Math.abs(value))));
      const { panels: [weights, left], height } = halves(svg, width, [
        { x, y: { range: [-most, most] }, title: "of the weights, in nats" },
        { x, y: shares, title: "share left of a large sample" },
      ]);
      if (end >= 0) {
        for (const p of [weights, left]) p.area([[end + 1, p === weights ? most : 1.02], [LONGEST, p === weights ? most : 1.02]], [[end + 1, p === weights ? -most : 0], [LONGEST, p === weights ? -most : 0]], { fill: "var(--c1)" });
        weights.text([LONGEST, most], end ? `E[w²] = ∞ from step ${end + 1}` : "E[w²] = ∞ from the first step", { dx: -6, dy: 16, anchor: "end", fill: "var(--c1)", weight: 600 });
      }
      weights.line([[1, 0], [LONGEST, 0]], { stroke: "var(--soft)", "stroke-dasharray": "4 3" });
      if (logs.length) weights.line(logs, { stroke: "var(--c1)", "stroke-width": 2.2 });
      weights.line(over(kl.map((value) => -value)), { stroke: "var(--c0)", "stroke-width": 2.2 });
      if (logs.length) left.line(logs.map(([t, value]) => [t, Math.exp(-value)]), { stroke: "var(--c1)", "stroke-width": 2.2 });
      for (const p of [weights, left]) p.upright(T, { stroke: "var(--ink)", "stroke-dasharray": "2 3" });
      weights.text([1, most], "log E[w²]", { dx: 6, dy: 16, fill: "var(--c1)", weight: 600 });
      weights.text([LONGEST, 0], "log E[w] = 0, always", { dx: -6, dy: -5, anchor: "end", fill: "var(--soft)" });
      weights.text([1, -most], "E[log w] = −KL", { dx: 6, dy: -8, fill: "var(--c0)", weight: 600 });
      return { height, label: "Left, mean log-weight, mean weight and second moment over the number of steps; right, the share of a large sample that is left", says: sentence(kl[T - 1], moments[T - 1], target) };
    };
    const sentence = (kl, moment, target) => `From k = ${fixed(OLD.k)}, σ = ${fixed(OLD.sigma)} to k′ = ${fixed(target.k)}, σ′ = ${fixed(target.sigma)}, after ${steps(state.horizon)}: KL = ${nats(kl)}, so that the geometric mean of the weights is ${number(Math.exp(-kl), 2)}, while their mean is one. ${moment === Infinity ? "E[w²] is infinite: no sample is large enough to give such a mean a variance." : `E[w²] = ${number(moment)}: of a large sample ${percent(1 / moment)} is left.`}`;
    const set = (name) => (value) => { state[name] = value; view.redraw(); };
    place.append(controls(
      range({ label: "Shift of k, k′ − k:", low: -0.5, high: 0.5, step: 0.01, value: state.shift, say: (value) => fixed(value), set: set("shift") }),
      range({ label: "Spread, σ′/σ:", low: 0.5, high: 1.6, step: 0.02, value: state.ratio, say: (value) => fixed(value), set: set("ratio") }),
      range({ label: "Horizon T:", stops: [1, 2, 3, 5, 7, 10, 14, 20, 30, 40, 50, 70, 100], value: state.horizon, say: steps, set: set("horizon") }),
      range({ label: "Start variance m₀:", low: 0, high: 2, step: 0.05, value: state.start, say: (value) => fixed(value), set: set("start") })));
    const view = picture(place, draw);
    return view;
  };

  const mount = (root, { off_policy_weights: table }) => {
    const parts = { measured: document.createElement("div"), closed: document.createElement("div") }, views = {};
    const show = (name) => {
      for (const [key, part] of Object.entries(parts)) part.hidden = key !== name;
      views[name] ??= name === "measured" ? measured(parts.measured, table) : closed(parts.closed);
      views[name].redraw();
    };
    root.append(title("How much of a sample is left?", "A weight is a product over steps. The mean of the weights is one, and ever fewer carry it."),
      controls(choice({ label: "Weights", options: [["measured", "of this run's rollouts"], ["closed", "on the line, in closed form"]], value: "measured", set: show })), parts.measured, parts.closed);
    show("measured");
  };

  pgpipe.widget("importance_weights", { tables: ["off_policy_weights"], mount, compute: { stateMoments, divergences, weightMoments } });
}
