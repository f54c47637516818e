"use strict";
// Every estimator by variance, signal, bias or direction, in every environment at every stage (P3, P4, P5).
{
  const { panel, picture, select, controls, title, number, fixed, words, capital } = pgpipe.plot;

  // What is compared: its column, whether more is better, and what the axis marks.
  const METRICS = {
    variance_ratio: { name: "variance", axis: "variance, relative to the total return's on the same rollouts", better: "low", log: true, marks: [1], bounds: true },
    snr: { name: "signal-to-noise ratio", axis: "signal-to-noise ratio ‖E ĝ‖²/variance, of one batch", better: "high", log: true, marks: [1] },
    bias_z: { name: "bias", axis: "bias along ∇J, in standard errors", better: "near", marks: [-2, 0, 2] },
    cosine: { name: "cosine to ∇J", axis: "mean cosine of one batch's estimate and ∇J", better: "high", marks: [0, 1], bounds: true },
  };
  const distinct = (values) => [...new Set(values)];
  const chosen = (table, { environment, policy, batch_size: size }) => table.filter((row) => row.environment === environment && row.policy === policy && row.batch_size === size);
  // Rows of a metric as {estimator, value, low, high}, in the config's order, by value or by name; what has no value is last.
  const ranked = (rows, metric, sort, order) => {
    const { better, bounds } = METRICS[metric], worth = (row) => (better === "near" ? Math.abs(row.value) : better === "high" ? -row.value : row.value);
    const found = rows.map((row) => ({ estimator: row.estimator, value: row[metric], low: bounds ? row[`${metric}_low`] : null, high: bounds ? row[`${metric}_high`] : null }));
    const by = { order: (row) => order.indexOf(row.estimator), value: worth, name: (row) => row.estimator }[sort];
    return found.sort((a, b) => (a.value === null) - (b.value === null) || (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0));
  };

  const mount = (root, { gradient_quality: table, estimators }) => {
    const order = estimators.map((row) => row.estimator), biased = new Set(estimators.filter((row) => row.bias && row.bias !== "none").map((row) => row.estimator));
    const environments = distinct(table.map((row) => row.environment));
    const state = { environment: environments.at(-1), metric: "variance_ratio", sort: "order" };
    const settle = (part) => {
      Object.assign(state, part);
      const kept = (name, values, first) => { if (!values.includes(state[name])) state[name] = first ?? values.at(-1); return values; };
      const own = table.filter((row) => row.environment === state.environment), stages = distinct(own.map((row) => row.policy));
      return { stages: kept("policy", stages, stages.includes("half_trained") ? "half_trained" : stages.at(-1)), sizes: kept("batch_size", distinct(own.map((row) => row.batch_size))) };
    };
    const now = () => ranked(chosen(table, state), state.metric, state.sort, order);
    const told = (value) => (state.metric === "cosine" || state.metric === "bias_z" ? fixed(value) : number(value));

    const draw = (svg, width) => {
      const rows = now(), metric = METRICS[state.metric], wide = width > 520, height = 23 * rows.length + 62;
      const known = rows.flatMap((row) => [row.value, row.low, row.high]).filter((value) => value !== null && (!metric.log || value > 0)).concat(metric.marks);
      const [least, most] = [Math.min(...known), Math.max(...known)], room = metric.log ? (most / least) ** 0.04 : 0.04 * (most - least);
      const reach = metric.log ? [least / room, most * room] : [least - room, state.metric === "cosine" ? 1 : most + room];
      const p = panel(svg, {
        box: { left: 0, top: 0, width, height }, left: wide ? 165 : 132, right: wide ? 150 : 46,
        x: { range: reach, log: metric.log, label: wide ? metric.axis : metric.name },
        y: { range: [-0.7, rows.length - 0.3].reverse(), ticks: rows.map((_, i) => i), say: (i) => words(rows[i].estimator) },
      });
      for (const mark of metric.marks) p.upright(mark, { stroke: "var(--ink)", "stroke-dasharray": mark === 0 || (mark === 1 && metric.log) ? undefined : "3 3" });
      rows.forEach((row, i) => {
        const colour = `var(--c${order.indexOf(row.estimator) % 8})`;
        if (row.value === null || (metric.log && row.value <= 0)) p.text([reach[0], i], row.value === null ? "not measured" : "0", { dx: 6, dy: 4, fill: "var(--soft)" });
        else {
          if (row.low !== null) p.line([[metric.log ? Math.max(row.low, reach[0]) : row.low, i], [row.high, i]], { stroke: colour, "stroke-width": 3, "stroke-opacity": 0.55 });
          p.mark([row.value, i], { r: 5, stroke: colour, "stroke-width": 2, fill: biased.has(row.estimator) ? "var(--paper)" : colour });
        }
        const interval = row.low === null || !wide ? "" : ` [${told(row.low)}, ${told(row.high)}]`;
        if (row.value !== null) p.text([reach[1], i], `${told(row.value)}${interval}`, { dx: 8, dy: 4 });
      });
      return { height, label: `Estimators by ${metric.name}`, says: sentence(rows) };
    };
    const sentence = (rows) => {
      const some = rows.filter((row) => row.value !== null), place = `${capital(words(state.environment))}, ${words(state.policy)}, batches of ${state.batch_size}`;
      if (!some.length) return `${place}: not measured.`;
      if (state.metric === "bias_z") {
        const far = some.filter((row) => Math.abs(row.value) > 2);
        return `${place}: ${far.length} of ${some.length} lie beyond two standard errors${far.length ? ` (${far.map((row) => words(row.estimator)).join(", ")})` : ""}; of unbiased ones, chance alone sends about one in twenty there.`;
      }
      const fair = some.filter((row) => !biased.has(row.estimator)), among = fair.length ? "of those unbiased by construction, " : "";
      const top = ranked(chosen(table, state), state.metric, "value", order).find((row) => !among || !biased.has(row.estimator)), interval = top.low === null ? "" : ` [${told(top.low)}, ${told(top.high)}]`;
      const best = `${place}: ${among}the ${METRICS[state.metric].better === "low" ? "lowest" : "highest"} ${METRICS[state.metric].name} is that of ${words(top.estimator)}, ${told(top.value)}${interval}`;
      if (state.metric !== "variance_ratio") return `${best}.`;
      const above = some.filter((row) => row.low > 1).map((row) => words(row.estimator));
      return `${best}. Of all, ${some.filter((row) => row.high < 1).length} of ${some.length} have an interval below one${above.length ? `; above one, ${above.join(", ")}` : ""}.`;
    };
    const change = (part) => {
      const { stages, sizes } = settle(part);
      stage.fill(stages.map((name) => [name, words(name)]), state.policy);
      size.fill(sizes.map((n) => [n, `${n} trajectories`]), state.batch_size);
      view.redraw();
    };
    const has = settle({});
    const stage = select({ label: "Stage", options: has.stages.map((name) => [name, words(name)]), value: state.policy, set: (policy) => change({ policy }) });
    const size = select({ label: "Batch", options: has.sizes.map((n) => [n, `${n} trajectories`]), value: state.batch_size, set: (n) => change({ batch_size: n }) });
    root.append(title("Which estimator, where?", "All of them on the same rollouts. Hollow: biased by construction."), controls(
      select({ label: "Environment", options: environments.map((name) => [name, words(name)]), value: state.environment, set: (environment) => change({ environment }) }), stage, size,
      select({ label: "Compare by", options: Object.entries(METRICS).map(([key, { name }]) => [key, name]), value: state.metric, set: (metric) => change({ metric }) }),
      select({ label: "Sort", options: [["order", "as in the config"], ["value", "best first"], ["name", "by name"]], value: state.sort, set: (sort) => change({ sort }) })));
    const view = picture(root, draw);
    const aside = document.createElement("p");
    aside.className = "aside";
    aside.textContent = "Bars are 95 % intervals of the table gradient_quality; signal-to-noise ratio and bias have none there.";
    root.append(aside);
  };

  pgpipe.widget("estimator_explorer", { tables: ["gradient_quality", "estimators"], mount, compute: { chosen, ranked } });
}
