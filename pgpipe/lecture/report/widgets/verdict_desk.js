"use strict";
// The ledger of claims, to be filtered and sorted; and each claim's cases against a limit that can be moved.
{
  const { make, all } = pgpipe;
  const { panel, picture, range, select, controls, button, title, number, words } = pgpipe.plot;

  // On which side of a limit each case's bounds lie; what has no bounds lies on none.
  const sides = (cases, limit) => {
    const count = { below: 0, across: 0, above: 0, unknown: 0 };
    for (const { low, high } of cases) count[low === null || high === null ? "unknown" : high < limit ? "below" : low > limit ? "above" : "across"]++;
    return count;
  };
  // How far a limit can go either way before a case changes its side: the bounds that are next to it.
  const steady = (cases, limit) => {
    const ends = cases.flatMap(({ low, high }) => (low === null || high === null ? [] : [low, high]));
    return [Math.max(-Infinity, ...ends.filter((end) => end <= limit)), Math.min(Infinity, ...ends.filter((end) => end >= limit))];
  };
  // Numbers that a rule sets limits by: what stands after "above", "below" and the like, and the ends of a ± b.
  const limits = (rule) => {
    const NUMBER = "[-−]?\\d[\\d,]*(?:\\.\\d+)?(?:e[-+]?\\d+)?", value = (text) => Number(text.replace(/,/g, "").replace("−", "-"));
    const found = [...rule.matchAll(new RegExp(`(?:above|below|than|most|least|exceeds?) (${NUMBER})( ?%)?( ±)?`, "g"))].filter(([, , , more]) => !more).map(([, a, per]) => (per ? value(a) / 100 : value(a)));
    found.push(...[...rule.matchAll(new RegExp(`(${NUMBER}) ± (${NUMBER})`, "g"))].flatMap(([, a, b]) => [value(a) - value(b), value(a) + value(b)]));
    return [...new Set(found.map((limit) => Number(limit.toPrecision(12))))];
  };
  const ORDERS = {
    order: { name: "as in the lecture", by: () => 0 },
    verdict: { name: "by verdict", by: (claim) => ["refuted", "undecided", "supported"].indexOf(claim.verdict) },
    seeds: { name: "least agreement of seeds first", by: (claim) => (claim.seeds ? claim.same / claim.seeds : 2) },
    against: { name: "most cases against first", by: (claim, cases) => -cases.filter((row) => row.says === "against").length / (cases.length || 1) },
  };
  const filtered = (claims, { verdict, section, search }) => {
    const sought = search.toLowerCase().split(/\s+/).filter(Boolean);
    return claims.filter((claim) => (!verdict || claim.verdict === verdict) && (!section || claim.section === section)
      && sought.every((word) => [claim.id, claim.statement, claim.reason, claim.quantity, claim.rule].some((text) => String(text ?? "").toLowerCase().includes(word))));
  };
  const sorted = (claims, order, casesOf) => [...claims].sort((a, b) => ORDERS[order].by(a, casesOf(a)) - ORDERS[order].by(b, casesOf(b)));

  const LOOKS = { for: ["var(--good)", "circle"], against: ["var(--bad)", "down"], neither: ["var(--soft)", "square"] };
  const LONGEST = 36; // letters of a case's name that stand beside its bounds, not above them
  const ALONE = ["exact", "test statistic", "no bounds"], ONE_SIDED = ["at least", "at most"];
  const estimate = ({ value, low, high, kind }) => {
    if (ONE_SIDED.includes(kind) && value !== null) return `${kind} ${number(value, 4)}`;
    if (value === null && low !== null && !Number.isFinite(high ?? Infinity)) return `more than ${number(low, 4)}`;
    return ALONE.includes(kind) ? number(value, 4) : `${number(value, 4)} [${number(low, 4)}, ${number(high, 4)}]`;
  };
  // A case's bounds, the number itself where it is exact, open at the top where it is known from below alone.
  const bounded = (row) => ({ ...row, low: row.low ?? (row.kind === "exact" ? row.value : null), high: row.high ?? (row.kind === "exact" ? row.value : null) });

  const forest = (place, claim, cases) => {
    const quantities = [...new Set(cases.map((row) => row.quantity))], state = {};
    const own = () => cases.filter((row) => row.quantity === state.quantity).map((row) => ({ ...bounded(row), case: words(row.case) }));
    const reach = () => {
      const values = own().flatMap(({ value, low, high }) => [value, low, high]).filter(Number.isFinite), inRule = limits(claim.rule);
      let [low, high] = [Math.min(...values), Math.max(...values)];
      const near = inRule.filter((limit) => limit >= low - 2 * (high - low) && limit <= high + 2 * (high - low));
      [low, high] = [Math.min(low, ...near), Math.max(high, ...near)];
      if (low === high) [low, high] = [low - (Math.abs(low) || 1), high + (Math.abs(high) || 1)];
      const log = low > 0 && high / low > 100;
      return { log, near, range: log ? [low / 1.4, high * 1.4] : [low - 0.06 * (high - low), high + 0.06 * (high - low)] };
    };
    const draw = (svg, width) => {
      const rows = own(), { range: span, log } = reach(), wide = width > 520 && rows.every((row) => row.case.length <= LONGEST), left = wide ? 230 : 10, step = wide ? 21 : 34;
      const p = panel(svg, {
        box: { left: 0, top: 0, width, height: step * rows.length + 62 }, left, right: wide ? 150 : 10,
        x: { range: span, log, label: state.quantity }, y: { range: [rows.length - 0.3, -0.7], ticks: wide ? rows.map((_, i) => i) : [], say: (i) => rows[i].case },
      });
      rows.forEach((row, i) => {
        const [fill, head] = LOOKS[row.says] ?? LOOKS.neither, y = wide ? i : i + 0.2, middle = row.value ?? row.low;
        if (!wide) p.text([span[0], i - 0.2], `${row.case}: ${estimate(row)}`, { dx: 2, dy: 2 });
        if (row.low !== null && row.high > row.low) p.line([[Math.max(row.low, span[0]), y], [Math.min(row.high, span[1]), y]], { stroke: fill, "stroke-width": 2.5 });
        if (Number.isFinite(middle)) p.mark([middle, y], { head, r: 4, fill: row.low === null ? "var(--paper)" : fill, stroke: fill, "stroke-width": 1.5 });
        if (wide) p.text([span[1], i], estimate(row), { dx: 8, dy: 4 });
      });
      p.upright(state.limit, { stroke: "var(--accent)", "stroke-width": 2 });
      return { height: step * rows.length + 62, label: `Cases of ${claim.id} with their bounds, and a limit at ${number(state.limit)}`, says: sentence(rows) };
    };
    const sentence = (rows) => {
      const { below, across, above, unknown } = sides(rows, state.limit), [from, to] = steady(rows, state.limit);
      const until = from === -Infinity ? `below ${number(to, 4)}` : to === Infinity ? `above ${number(from, 4)}` : from === to ? "" : `between ${number(from, 4)} and ${number(to, 4)}`;
      return `Limit ${number(state.limit, 4)}: of ${rows.length} ${rows.length === 1 ? "case" : "cases"} ${below} lie below, ${above} above, ${across} on both sides${unknown ? `, ${unknown} without bounds` : ""}. ${until ? `The count is the same for every limit ${until}.` : "A case ends just here."}`;
    };
    const settle = (quantity) => {
      state.quantity = quantity;
      const { range: [low, high], log, near } = reach();
      state.limit = near[0] ?? (log ? Math.sqrt(low * high) : (low + high) / 2);
      const place = (limit) => { state.limit = limit; slider.put(limit); view.redraw(); };
      const slider = range({ label: "Limit:", low, high, log, step: ((log ? Math.log10(high / low) : high - low) / 200), value: state.limit, say: (value) => number(value, 4), set: (limit) => { state.limit = limit; view.redraw(); } });
      steer.replaceChildren(controls(slider, ...near.map((limit) => button(`${number(limit, 4)}, in the rule`, () => place(limit)))));
    };
    const steer = make("div");
    if (quantities.length > 1) place.append(controls(select({ label: "Quantity", options: quantities.map((name) => [name, name]), value: quantities[0], set: (quantity) => { settle(quantity); view.redraw(); } })));
    place.append(steer);
    settle(quantities[0]);
    const view = picture(place, draw);
    place.append(make("p", { class: "aside" }, "Circles are cases for the statement, triangles against it, squares neither. ", make("strong", {}, "The rule: "), claim.rule, " The limit here is yours: each interval counts as it stands, without the rule's correction for many looks."));
  };

  const tally = (cases) => {
    const count = (says) => cases.filter((row) => row.says === says).length;
    const part = (says) => make("span", { class: says, style: `flex-grow: ${count(says)}` });
    return make("span", { class: "tally" }, make("span", { class: "shares", "aria-hidden": "true" }, part("for"), part("neither"), part("against")),
      ` ${count("for")} for, ${count("against")} against, ${count("neither")} neither`);
  };
  const entry = (claim, cases) => {
    const parts = [make("p", {}, make("a", { href: `#${claim.id}`, class: "tag" }, claim.id), " ", make("span", { class: `verdict ${claim.verdict}` }, claim.verdict), " ", claim.statement)];
    if (claim.reason) parts.push(make("p", { class: "reason" }, claim.reason));
    parts.push(make("p", { class: "aside" }, `${claim.quantity}: ${estimate(claim)}${claim.unit ? ` ${claim.unit}` : ""}${ONE_SIDED.includes(claim.kind) ? "" : `, ${claim.kind}`}; n = ${number(claim.n)} ${claim.n_counts}${claim.seeds ? `; the same verdict in ${claim.same} of ${claim.seeds} seeds` : ""}`));
    if (cases.length) {
      const inside = make("div"), fold = make("details", {}, make("summary", {}, `${cases.length} ${cases.length === 1 ? "case" : "cases"}: `, tally(cases)), inside);
      fold.addEventListener("toggle", () => { if (fold.open && !inside.childElementCount) forest(inside, claim, cases); });
      parts.push(fold);
    }
    return make("li", {}, ...parts);
  };

  const mount = (root, { claims, claim_cases: rows }) => {
    const casesOf = (claim) => rows.filter((row) => row.claim === claim.id);
    const state = { verdict: "", section: "", search: "", sort: "verdict" };
    const list = make("ol", { class: "ledger desk" }), told = make("p", { class: "aside", role: "status" });
    const entries = new Map(claims.map((claim) => [claim.id, entry(claim, casesOf(claim))]));
    const count = (verdict) => claims.filter((claim) => claim.verdict === verdict).length;
    const show = (part = {}) => {
      Object.assign(state, part);
      const found = sorted(filtered(claims, state), state.sort, casesOf);
      list.replaceChildren(...found.map((claim) => entries.get(claim.id)));
      told.textContent = found.length ? `${found.length} of ${claims.length} claims` : "No claim has all of this.";
    };
    const heads = new Map(all("#text > section > h2").map((head) => [head.parentNode.id.replaceAll("-", "_"), head.textContent]));
    const sections = [...new Set(claims.map((claim) => claim.section))];
    const search = make("input", { type: "search", oninput: () => show({ search: search.value }) });
    root.append(title("Which verdicts would another limit turn?", "Open a claim's cases and move the limit."), controls(
      select({ label: "Verdict", options: [["", "all"], ...["refuted", "undecided", "supported"].map((name) => [name, `${name} (${count(name)})`])], value: "", set: (verdict) => show({ verdict }) }),
      select({ label: "Section", options: [["", "all"], ...sections.map((name) => [name, heads.get(name) ?? words(name)])], value: "", set: (section) => show({ section }) }),
      select({ label: "Sort", options: Object.entries(ORDERS).map(([key, { name }]) => [key, name]), value: state.sort, set: (sort) => show({ sort }) }),
      { element: make("label", { class: "control" }, make("span", {}, "With the words"), search) }), told, list);
    show();
  };

  pgpipe.widget("verdict_desk", { tables: ["claims", "claim_cases"], mount, compute: { sides, steady, limits, filtered, sorted: (claims, order, cases) => sorted(claims, order, (claim) => cases.filter((row) => row.claim === claim.id)) } });
}
