"""Every figure draws from a table of the documented columns, titled, labelled, and the same bytes each time."""

import itertools
from functools import cache
from importlib import import_module

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from lecture.after_the_lecture import planted_groups
from lecture.after_the_lecture.direction_tables import direction_tables
from lecture.after_the_lecture.way_tables import way_tables

from pgpipe.estimators.composed import Composed
from pgpipe.lecture.common.estimator_table import biased_by_making
from pgpipe.lecture.common.style import COLOURS, house_style, palette, pictures
from pgpipe.lecture.declared import figure_file
from pgpipe.lecture.registry import figure_files

FIGURES = {figure.name: figure for figure in figure_files()}
STAGES = ("untrained", "half_trained", "trained")
NAMES = ("total_return", "mean_baseline")


def tables():
    """Copies of them, which a test may change."""
    return {name: table.copy() for name, table in written_tables(NAMES).items()}


@cache
def written_tables(_names):
    """Small tables with the columns of the real ones; one estimator has no signal and a NaN bias."""
    rng = np.random.default_rng(0)
    keys = [("line", p, a, n) for p in STAGES for a in NAMES for n in (8, 32)]
    keys += [("acrobot", "untrained", a, n) for a in NAMES for n in (8, 32)]  # no recipe trains it
    quality = pd.DataFrame(keys, columns=["environment", "policy", "estimator", "batch_size"])
    for column in ("bias_z", "cosine", "variance_ratio", "snr"):
        quality[column] = rng.uniform(0.1, 0.9, len(quality))
    for column in ("cosine", "variance_ratio"):
        quality[f"{column}_low"], quality[f"{column}_high"] = quality[column] * 0.9, quality[column] * 1.1
    quality["replicates"] = 50
    quality.loc[quality["policy"] == "trained", "snr"] = 0.0
    quality.loc[0, "bias_z"] = np.nan
    reference = quality[["environment", "policy"]].drop_duplicates()
    error = pd.DataFrame(
        [(e, p, n, 50, 1 / n, 0.9 / n, 1.1 / n) for e in ("line", "grid") for p in STAGES for n in (1, 4)],
        columns=["environment", "policy", "n_trajectories", "replicates", "rmse", "rmse_low", "rmse_high"],
    )
    convergence = error.assign(gradient_norm=2.0, raised=0.7, raised_low=0.6, raised_high=0.8)
    learning = pd.DataFrame(
        [("cartpole", a, a, u, 12, u + 0.0, u - 1.0, u + 1.0) for a in NAMES for u in range(9)],
        columns=["environment", "estimator", "recipe", "update", "seeds", "iqm", "low", "high"],
    ).assign(diverged=0)
    improvement = pd.DataFrame(
        [("cartpole", a, b, 0.7, 0.4, 0.9) for a in NAMES for b in NAMES if a != b],
        columns=["environment", "recipe", "other", "probability", "low", "high"],
    )
    profiles = pd.DataFrame(
        [(e, a, a, x, 1 - x, 0.9 - x, 1.1 - x, 12) for e in ("cartpole", "all") for a in NAMES for x in (0.0, 0.5, 1.0)],
        columns=["environment", "recipe", "estimator", "threshold", "share", "low", "high", "n"],
    )  # fmt: skip
    scores = pd.DataFrame(
        [(a, 2, 24, 0.8, 0.7, 0.9) for a in NAMES],
        columns=["estimator", "environments", "n", "iqm", "low", "high"],
    )
    projection = quality[["environment", "policy", "estimator", "batch_size", "replicates"]].assign(
        recovered=1.0, recovered_error=0.1
    )
    action_values = pd.DataFrame(
        [("grid", p, s, a, 50, 0.3 + 0.1 * s, 0.31 + 0.1 * s, 0.02, 0.0, 0.9) for p in STAGES for s in (0, 3) for a in (0, 1)],
        columns=["environment", "policy", "state", "action", "visits", "exact", "mean", "standard_error", "q10", "q90"],
    )  # fmt: skip
    gradients = pd.DataFrame(
        [("line", "half_trained", a, 32, i, p) for a in NAMES for i in range(9) for p in ("k", "sigma")],
        columns=["environment", "policy", "estimator", "batch_size", "batch", "parameter"],
    )
    gradients = gradients.assign(value=rng.normal(size=len(gradients)), exact=[-4.0, -17.0] * 18)
    exact = quality[quality["environment"] == "line"].drop(columns=["snr"]).assign(parameter=0, variance=2.0)
    reduction = pd.DataFrame([("line", p, 2.0, 3.0, 1.0 * i) for i, p in enumerate(STAGES)])
    reduction.columns = ["environment", "policy", "none", "mean", "optimal"]
    cases = ("returns", "constant_added", "good_at_zero")
    samples = pd.DataFrame(
        [(case, x, i - 1.2, 0.3 - 0.1 * x) for case in cases for i, x in enumerate((-1.25, 0.5, 1.75))],
        columns=["case", "x", "return", "push"],
    )
    three_steps = pd.DataFrame({"case": cases, "draws": 4, "learning_rate": 0.3, "mean": 0.0, "spread": 1.0})
    three_steps = three_steps.assign(
        gradient_mean=1.25, gradient_log_spread=-0.5, new_mean=0.375, new_spread=0.86
    )
    curves = pd.DataFrame([(case, x, x, 0.4, 0.3) for case in cases for x in np.linspace(-4, 4, 9)])
    curves.columns = ["case", "x", "return", "density", "new_density"]
    shift = pd.DataFrame([(p, c, 20 + len(p)) for p in ("k", "sigma") for c in (0.0, 6.0, 12.0)])
    shift.columns = ["parameter", "constant", "variance"]
    parabola = {"parameter": ["k", "sigma"], "best_constant": [4.0, 6.0], "least_variance": [14.0, 64.0]}
    turned = pd.DataFrame([(b, c, 0.3, 3) for b in ("none", "mean") for c in (0.0, 6.0, 12.0)])
    turned.columns = ["baseline", "constant", "turned", "n_trajectories"]
    weightings = ("likelihood", "total_return", "return_minus_mean")
    steps = pd.DataFrame(
        [(e, "half_trained", i, w) for e in ("cartpole", "line") for w in weightings for i in range(9)],
        columns=["environment", "policy", "trajectory", "weighting"],
    ).assign(mark=lambda t: t["trajectory"].map(lambda i: ("bad", "neutral", "good")[i // 3]))
    steps["weight"] = steps["trajectory"] * 10.0 - 40
    steps["return"], steps["change"] = steps["trajectory"] * 10.0, rng.normal(0, 0.01, len(steps))
    step_batches = steps.rename(columns={"trajectory": "batch"}).assign(seed=lambda t: t["batch"] % 3)
    step_batches[["correlation", "permuted"]] = rng.uniform(-1, 1, (len(steps), 2))
    step_batches.loc[step_batches["environment"] == "line", "correlation"] = np.nan  # returns never differ
    traces = steps[steps["weighting"] == "likelihood"].merge(pd.DataFrame({"step": range(5)}), how="cross")
    traces = traces.assign(quantity="pole angle (rad)", value=rng.normal(size=len(traces)))
    gaussian = pd.DataFrame(
        [(e, "trained", t, "position s", "move a") for e in ("pendulum", "line") for t in range(12)],
        columns=["environment", "policy", "step", "quantity", "action_quantity"],
    ).assign(value=1.0, mean=0.1, sigma=0.5, action=lambda t: t["step"] * 0.5, lowest=-2.0, highest=2.0)
    gaussian.loc[gaussian["environment"] == "line", ["lowest", "highest"]] = np.nan
    two_actions = pd.DataFrame(
        [("cartpole", "trained", q, v, a) for q in ("x (m)", "v (m/s)") for a in "lr" for v in (0.0, 1.0)],
        columns=["environment", "policy", "quantity", "value", "action"],
    ).assign(probability=0.5, score=0.5)
    return (
        practice_tables()
        | problem_tables()
        | off_policy_tables(rng)
        | line_tables()
        | natural_tables()
        | planted_groups.tables()
        | way_tables()
        | direction_tables()
        | {
            "three_samples": samples,
            "three_steps": three_steps,
            "three_curves": curves,
            "return_shift": shift.assign(variance_low=18, variance_high=25, replicates=50, batch_size=8),
            "return_parabola": pd.DataFrame(parabola | {"curvature": [1.0, 2.0]}),
            "step_direction": turned.assign(turned_low=0.2, turned_high=0.4),
            "step_trajectories": steps,
            "step_batches": step_batches,
            "step_traces": traces,
            "gaussian_rollouts": gaussian,
            "two_actions": two_actions,
            "estimators": composed(NAMES),
            "gradient_quality": quality,
            "gradient_projection": projection,
            "action_values": action_values,
            "gradient_samples": gradients,
            "listed_contributions": contributions(),
            "gradient_reference": reference.assign(
                gradient_norm=1.0, gradient_rms_error=[0.0, 0.0, 2.0, 0.0]
            ),
            "objective_error": error,
            "gradient_convergence": convergence,
            "learning_summary": learning,
            "learning_improvement": improvement,
            "learning_profiles": profiles,
            "learning_scores": scores,
            "gradient_exact_variance": exact,
            "gradient_reduction": reduction,
        }
    )


def contributions():
    """A problem of one step: with probability 0.9 an action pays 1, and the mean adds to the variance."""
    leaves = [("lever", "untrained", 0, 0.1, 0, 0, 0.0, -0.9), ("lever", "untrained", 1, 0.9, 0, 1, 1.0, 0.1)]
    table = pd.DataFrame(leaves)
    table.columns = [
        "environment",
        "policy",
        "trajectory",
        "probability",
        "step",
        "action",
        "reward",
        "score",
    ]
    return table.assign(
        total_return=table["score"] * table["reward"],
        return_mean=table["score"] * (table["reward"] - 0.9),
        reward_to_go=table["score"] * table["reward"],
    )


def off_policy_tables(rng):
    """Section 6: one environment of several steps and one of one, the farthest target under a warning."""
    places = [
        (e, d, kl) for e in ("line", "bandit") for d in ("gradient", "random 1") for kl in (0.01, 0.1, 1.0)
    ]
    weights = pd.DataFrame(
        [(*p, p[-1], t) for p in places for t in ((1, 5, 50) if p[0] == "line" else (1,))],
        columns=["environment", "direction", "distance", "kl", "horizon"],
    )
    for i, name in enumerate(("log_q05", "log_q25", "log_q50", "log_q75", "log_q95")):
        weights[name] = (i - 3) * weights["kl"]
    far = weights["distance"] == 1.0
    weights["effective_share"] = np.where(far, 0.05, 0.8)
    weights = weights.assign(
        largest_share=0.2, warning=np.where(far, "infinite second moment", np.array(None))
    )
    weights["exact_second_moment"] = np.where(far, np.inf, 1.2)
    gradients = pd.DataFrame([(*p, p[-1], a) for p in places for a in NAMES])
    gradients.columns = ["environment", "direction", "distance", "kl", "estimator"]
    for name in ("gap", "std"):
        gradients[name] = rng.uniform(0.1, 0.9, len(gradients))
        gradients[f"{name}_low"], gradients[f"{name}_high"] = gradients[name] * 0.9, gradients[name] * 1.1
    exact = np.where(gradients["estimator"] == NAMES[0], 0.3, 0.0)
    gradients = gradients.assign(exact_bias=exact, exact_past_gap=0.1, batch_size=8, replicates=20)
    gradients["warning"] = np.where(
        gradients["distance"] == 1.0, "effective sample size under 10 %", np.array(None)
    )
    moments = pd.DataFrame([(d, t, 1 + abs(d) * t) for d in (-0.1, 0.2) for t in range(1, 9)])
    moments.columns = ["shift", "horizon", "exact"]
    ended = (moments["shift"] == 0.2) & (moments["horizon"] > 4)
    moments["exact"] = moments["exact"].mask(ended, np.inf)
    moments["measured"] = moments["exact"].mask(ended)
    moments["measured_low"], moments["measured_high"] = moments["measured"] - 0.1, moments["measured"] + 0.1
    boundary = pd.DataFrame({"shift": [-0.3, -0.1, 0.0, 0.1, 0.3], "first_infinite": [1, 0, 0, 7, 1]})
    scaling = pd.DataFrame([(a, t, 1 + 0.1 * t, 1 + t / 10) for a in NAMES for t in (2, 10, 80)])
    scaling.columns = ["estimator", "horizon", "cost", "exact_second_moment"]
    paths = [
        {
            "environment": e,
            "path": path,
            "step": k,
            "kl": 0.0025 * k**2,
            "old": -2.0,
            "reached": -2 + sign * k / 9,
        }
        for e in ("line", "grid")
        for path, sign in (("E30", 1), ("against E30", -2), ("random 1", 0.5), ("random 2", -1))
        for k in range(40)
    ]
    reuse = pd.DataFrame([(a, k, b) for a in NAMES for k in (1, 4) for b in range(5)])
    reuse.columns = ["estimator", "reuse", "batch"]
    reuse = reuse.assign(env_steps=reuse["batch"] * 900.0, iqm=50.0, low=40.0, high=60.0, seeds=16)
    return {
        "off_policy_weights": weights,
        "off_policy_gradients": gradients,
        "off_policy_moments": moments.assign(k=-0.4, sigma=0.5),
        "off_policy_boundary": boundary.assign(farthest=100),
        "off_policy_scaling": scaling.assign(
            shift=-0.08, cost_low=scaling["cost"] * 0.9, cost_high=scaling["cost"] * 1.1
        ),
        "off_policy_paths": pd.DataFrame(paths),
        "reuse_summary": reuse.assign(environment="cartpole"),
    }


def problem_tables():
    """Those of F13: a problem for each way to draw one."""
    kinds = {  # id, observed, action's name, steps, places of a body
        "line": ("pgpipe/Line-v0", "position s", None, 4, False),
        "grid": ("pgpipe/Grid-v0", "the cell, one of 9", "left", 4, False),
        "chain": ("pgpipe/Chain-v0", "nothing", "go on", 2, False),
        "lever": ("pgpipe/Chain-v0", "nothing", "go on", 1, False),
        "bandit": ("pgpipe/Bandit-v0", "nothing", None, 1, False),
        "cartpole": ("CartPole-v1", "pole angle (rad)", "left", 4, True),
        "small_cartpole": ("CartPole-v1", "pole angle (rad)", "left", 4, True),
        "acrobot": ("Acrobot-v1", "speeds", "0 N m", 4, True),
        "pendulum": ("Pendulum-v1", "angular velocity (rad/s)", None, 4, True),
        "mine": ("Mine-v0", "3 numbers", None, 4, False),
    }
    problems = pd.DataFrame(
        [(name, kind[0], kind[1], kind[3], name != "mine") for name, kind in kinds.items()],
        columns=["environment", "id", "observation", "longest", "exact"],
    ).assign(
        task="Swing the tip one link above the pivot", reward="1", action="the action a", settings=np.nan
    )
    problems = problems.assign(gamma=0.99, traced="the number that is shown")
    problems.loc[problems["environment"] == "mine", ["task", "reward", "longest"]] = np.nan
    traces = pd.DataFrame(
        [(name, e, t, kind) for name, kind in kinds.items() for e in range(3) for t in range(kind[3] + 1)],
        columns=["environment", "episode", "step", "kind"],
    )
    same, bodies = traces["kind"].str[1] == "nothing", traces["kind"].str[4].astype(bool)
    traces["value"] = np.where(same, 1.0, traces["step"] + traces["episode"])
    traces["action"] = (traces["episode"] % 2).where(traces["step"] < traces["kind"].str[3])
    traces["action_name"] = traces["kind"].str[2].where(traces["action"].notna())
    traces["paid"] = -0.5 * traces["step"] * traces["episode"]
    for column in ("joint_x", "joint_y", "tip_x", "tip_y"):
        traces[column] = (0.1 * traces["step"] + (column == "tip_y")).where(bodies)
    return {"problems": problems, "problem_traces": traces.drop(columns="kind")}


def practice_tables():
    """Those of sections 7 and 8."""
    forms = ("loop", "rows", "pseudo_loss")
    costs = pd.DataFrame(
        [(f, p, s, "counted" if p * s < 1e6 else "extrapolated") for f in forms for p in (1e3, 1e6) for s in (100, 10_000)],
        columns=["way", "parameters", "samples", "kind"],
    ).astype({"parameters": int})  # fmt: skip
    amount = costs["parameters"] * costs["samples"]
    costs = costs.assign(operations=6 * amount, bytes_moved=50 * amount, bytes_held=4 * amount)
    sizes, places = (250, 1_000, 4_000), ("grid", "small_cartpole")
    returns = pd.DataFrame([(e, b, s) for e in places for b in ("env_steps", "updates") for s in sizes])
    returns.columns = ["environment", "budget", "batch_steps"]
    directions = pd.DataFrame([(e, p, s) for e in places for p in (0.0, 0.5, 0.9) for s in sizes])
    directions.columns = ["environment", "stage", "batch_steps"]
    learners, optimizers = ("policy_gradient", "supervised"), ("sgd", "momentum", "adam")
    series = [(e, k, o) for e in places for k in learners for o in optimizers]
    rates = pd.DataFrame([(*key, 10.0**x) for key in series for x in range(-3, 2)])
    rates.columns = ["environment", "learner", "optimizer", "learning_rate"]
    ranges = pd.DataFrame(series, columns=["environment", "learner", "optimizer"]).assign(width=2.0)
    bars = pd.DataFrame({"good": [0.8, 0.85, 0.9, 0.95]})
    ranges = ranges.merge(bars, how="cross")
    pairs = [(e, "supervised", o, "policy_gradient", o) for e in places for o in (*optimizers, "all")]
    pairs += [(e, "policy_gradient", "adam", "policy_gradient", "momentum") for e in places]
    contrasts = pd.DataFrame(
        pairs, columns=["environment", "learner", "optimizer", "other_learner", "other_optimizer"]
    ).merge(bars, how="cross")
    crossings = directions.drop_duplicates(["environment", "stage"]).drop(columns="batch_steps")
    ranges["high_censored"] = ranges["optimizer"] == "sgd"
    ranges.loc[ranges["optimizer"] == "momentum", "width"] = 0.0
    noise = pd.DataFrame(
        [(e, k, s, i) for e in places for k in learners for s in (0.0, 0.9) for i in range(4)]
    )
    noise.columns = ["environment", "learner", "stage", "seed"]
    return {
        "gradient_costs": costs,
        "batch_returns": returns.assign(seeds=5, iqm=1.0, low=0.9, high=1.1, updates=10, env_steps=64_000.0),
        "batch_directions": directions.assign(cosine=0.5, low=0.4, high=0.6, seeds=4),
        "batch_crossings": crossings.assign(
            usable_cosine=0.7,
            usable_steps=900.0,
            usable_steps_low=0.0,
            usable_steps_high=np.inf,
            at_least=False,
            smallest=250.0,
            largest=4_000.0,
            seeds=5,
        ),
        "learning_rate_returns": rates.assign(score=0.5, score_low=0.4, score_high=0.6, seeds=5),
        "learning_rate_contrasts": contrasts.assign(
            difference=0.5, low=0.1, high=0.9, censored=False, other_censored=False
        ),
        "learning_rate_ranges": ranges.assign(
            width_low=1.5, width_high=2.5, seeds=16, from_rate=0.01, to_rate=1.0, low_censored=False
        ),
        "gradient_noise": noise.assign(snr=10.0 ** noise["seed"], cosine=0.1 * noise["seed"]),
    }


def line_tables():
    """Those of section 9, for two spreads of the start."""
    field = pd.DataFrame(
        [
            (s, k, g, -10 * g, 2 - k, -g)
            for s in (1.0, 0.0)
            for k in (-1.0, 0.0, 1.0)
            for g in (0.1, 0.5, 0.9)
        ],
        columns=["start_std", "k", "sigma", "objective", "grad_k", "grad_sigma"],
    ).assign(natural_k=1.0, natural_sigma=-2.0)
    optimum = {"start_std": [1.0, 0.0], "k": [-0.6, -0.5], "sigma": 0.0, "unique": [True, False]}
    walks = pd.DataFrame([(s, w, t, 0.1 * t) for s in (1.0, 0.0) for w in range(3) for t in range(5)])
    walks.columns = ["start_std", "walk", "step", "place"]
    spread = pd.DataFrame([(s, t, 1.0 + s) for s in (1.0, 0.0) for t in range(5)])
    spread.columns = ["start_std", "step", "spread"]
    regimes, directions = ("start spread 1", "average reward"), ("vanilla", "natural")
    flows = pd.DataFrame(
        [(r, d, -0.2 - 0.1 * i, 0.9 - 0.3 * i) for r in regimes for d in directions for i in range(3)],
        columns=["regime", "direction", "k", "sigma"],
    ).assign(start=0)
    ends = flows.drop_duplicates(["regime", "direction"]).assign(best_k=-0.6)
    levels = pd.DataFrame(
        [(r, k, g, -50 * g) for r in regimes for k in (-1.9, -1, 0) for g in (0.01, 0.5, 1)]
    )
    levels.columns = ["regime", "k", "sigma", "objective"]
    line = pd.DataFrame([(p, x, 0.3) for p in (-1.6, 1.0) for x in np.linspace(-2, 2, 9)])
    line.columns = ["place", "next_place", "density"]
    shape = pd.DataFrame([(s, 10.0**-i) for s in (1.0, 0.1, 0.0) for i in range(4)])
    shape.columns = ["start_std", "sigma"]
    shape = shape.assign(ratio=1 / shape["sigma"] + shape["start_std"], by_sigma=shape["sigma"])
    bent = pd.concat([shape.assign(matrix=matrix) for matrix in ("fisher", "hessian")])
    rules = ("vanilla", "normalised", "natural", "vanilla to a KL bound", "natural to a KL bound")
    updates = pd.DataFrame([(s, r) for r in rules for s in (1.0, 0.1, 0.01)], columns=["start_std", "rule"])
    updates["smooth_updates"] = np.where(updates["start_std"] < 0.1, np.nan, 3 / updates["start_std"])
    return {
        "line_derivatives": shape,
        "line_conditions": bent,
        "line_updates": updates.assign(most=2000),
        "vector_field": field,
        "sampled_field": field.assign(episodes=16),
        "optimum": pd.DataFrame(optimum),
        "line_walks": walks.assign(mean=0.0, spread=1.0),
        "line_spread": spread.assign(mean=0.0, measured_mean=0.0, measured_spread=1.0, walks=3),
        "flows": flows,
        "flow_ends": ends,
        "flow_levels": levels,
        "number_line": line.assign(mean_action=-0.3 * line["place"], k=-0.3, sigma=0.5),
    }


def natural_tables():
    """Those of section 10."""
    residuals = [(e, 10, i, 10.0**-i) for e in ("line", "cartpole") for i in range(9)]
    costs = pd.DataFrame({"parameters": [100, 10_000, 1_000_000], "iterations": 10})
    for name in ("cg_operations", "dense_operations", "cg_bytes", "dense_bytes"):
        costs[name] = 1e3 * costs["parameters"]
    kinds = ("vanilla", "normalized", "adam", "natural")
    rows = [("pendulum", f"pendulum_{kind}", kind, u) for kind in kinds for u in range(4)]
    summary = pd.DataFrame(rows, columns=["environment", "recipe", "step", "update"])
    numbers = {"iqm": 1.0, "low": 0.5, "high": 1.5, "kl": 0.01, "kl_low": 0.005, "kl_high": 0.02, "seeds": 16}
    speed = pd.DataFrame([("pendulum", "natural", kind, 0.75) for kind in kinds[:3]])
    speed.columns = ["environment", "step", "other_step", "probability"]
    speed = speed.assign(
        n=16, low=0.6, high=0.9, target=-900.0, median=1000.0, other_median=[np.inf, 3000.0, 2000.0]
    )
    steps = [
        (e, d, k)
        for e in ("line", "cartpole")
        for d in ("vanilla", "natural")
        for k in ("kl", "learning_rate")
    ]
    ranges = pd.DataFrame(steps, columns=["environment", "direction", "key"]).assign(
        decades=1.5, low=1.2, high=1.8, seeds=16, works=0.5, from_size=1e-3, to_size=0.03
    )
    scores = ranges.merge(pd.DataFrame({"size": 10.0 ** np.arange(-4, 1), "score": 0.6}), how="cross")
    contrasts = ranges[ranges["direction"] == "natural"].assign(differ_in="direction", difference=0.3)
    contrasts[["censored", "other_censored"]] = False
    apart = pd.DataFrame(
        [
            (d, p, "sigma", "log_sigma", 10.0**-i)
            for d in ("vanilla", "natural")
            for p in (0, 1)
            for i in range(1, 6)
        ],
        columns=["direction", "point", "one", "other", "epsilon"],
    )
    moved = apart.rename(columns={"one": "parameterization"}).assign(ratio=1.1, taken=0.95)
    return {
        "step_size_scores": scores.assign(low=0.5, high=0.7),
        "step_size_ranges": ranges,
        "step_size_contrasts": contrasts.assign(low=0.1, high=0.5),
        "step_differences": apart.assign(ratio=apart["epsilon"]),
        "step_sizes": moved,
        "fisher_residuals": pd.DataFrame(
            residuals, columns=["environment", "parameters", "iteration", "residual"]
        ),
        "fisher_costs": costs.assign(product_over_gradient=2.0),
        "direction_summary": summary.assign(
            env_steps=30_000 * summary["update"],
            bound=np.where(summary["step"] == "natural", 0.01, np.nan),
            **numbers,
        ),
        "direction_speed": speed,
    }


def composed(names, **parts):
    """The estimators table: plain total returns, but for the parts that are named, a list for each."""
    plain: dict[str, object] = {"signal": "total_return", "baseline": "none", "value": "critic"}
    plain |= {"normalize": False, "score_discount": True, "importance": "none"}
    given = {part: parts.get(part, [entry] * len(names)) for part, entry in plain.items()}
    lines = [dict(zip(given, entries, strict=True)) for entries in zip(*given.values(), strict=True)]
    rows = [line | Composed.from_line(line).columns() for line in lines]
    return pd.DataFrame(rows).assign(estimator=list(names))


def drawn(name):
    figure = FIGURES[name]
    return import_module(figure.module).draw(*(tables()[table] for table in figure.tables))


@pytest.fixture(autouse=True)
def close_figures():
    with house_style():
        yield
    plt.close("all")


@pytest.fixture(scope="module", params=sorted(FIGURES))
def name(request):
    """Each figure's name in turn."""
    return request.param


@pytest.fixture(scope="module")
def figure(name):
    """A figure that is drawn once for the three tests that look at it."""
    with house_style():
        return drawn(name)


def test_every_axis_says_what_it_shows(figure):
    """Each panel's vertical and horizontal quantity stands on it or on the panel that shares its axis."""
    panels = [ax for ax in figure.axes if ax.get_subplotspec() is not None]
    first_column = [ax for ax in panels if ax.get_subplotspec().is_first_col()]
    last_row = [ax for ax in panels if ax.get_subplotspec().is_last_row()]
    named_rows = all(len(t.get_text()) > 3 for t in first_column[0].get_yticklabels())
    assert named_rows or all(len(ax.get_ylabel()) > 3 for ax in first_column if ax.axison)
    assert all(len(ax.get_xlabel()) > 3 for ax in last_row if ax.axison) or len(figure.get_supxlabel()) > 3
    first_row = [ax for ax in panels if ax.get_subplotspec().is_first_row()]
    assert all(ax.get_title() or ax.get_title("left") for ax in first_row)


def test_same_table_same_bytes(figure, name):
    one, other = (pictures(each) for each in (figure, drawn(name)))
    assert one == other
    assert one["svg"].startswith(b"<?xml")
    assert one["png"].startswith(b"\x89PNG")


def test_no_text_covers_another(figure):
    """Tick labels, axis labels and titles of one panel keep clear of each other."""
    figure.canvas.draw()
    for ax in figure.axes:
        labels = [t for t in ax.get_xticklabels() if t.get_text() and t.get_visible()]
        boxes = sorted((t.get_window_extent() for t in labels), key=lambda box: box.x0)
        low, high = sorted(ax.get_window_extent().intervalx)
        boxes = [box for box in boxes if low - 1 <= (box.x0 + box.x1) / 2 <= high + 1]
        assert all(a.x1 < b.x0 for a, b in itertools.pairwise(boxes)), [t.get_text() for t in labels]


def test_docstring_gives_title_alt_text_and_caption(name):
    figure = FIGURES[name]
    assert figure.id[0] in "FP"
    assert figure.title
    assert not figure.title.endswith(".")
    assert figure.alt.endswith(".")
    assert len(figure.caption) > 40


def said(name):
    figure = FIGURES[name]
    return import_module(figure.module).findings(*(tables()[table] for table in figure.tables))


def test_the_caption_of_p2_says_what_the_best_constant_saves():
    text = said("P2_return_shift")
    assert "for μ from 30 to 14, for σ from 136 to 64" in text


def test_what_does_not_arrive_is_drawn_hollow():
    """In the sample table nothing arrives at the least m₀: a triangle for each rule, and no other mark there."""
    ax = drawn("F11_updates").axes[0]
    hollow = [line for line in ax.get_lines() if line.get_marker() == "^" and len(line.get_xdata())]
    assert len(hollow) == 5
    assert all(line.get_markerfacecolor() == "none" for line in hollow)


def test_numbers_from_other_tables_than_the_picture_are_refused(tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text('"""F99 T\n\nAlt.\n\nCaption."""\ndef draw(a, b): ...\ndef findings(b, a): ...\n')
    with pytest.raises(ValueError, match="needs the tables of draw"):
        figure_file(path, path.stem)


def test_a_picture_may_be_several_of_the_lectures(tmp_path):
    path = tmp_path / "both.py"
    path.write_text('"""F98 F99 The F in it\n\nAlt.\n\nCaption."""\ndef draw(a): ...\n')
    figure = figure_file(path, path.stem)
    assert (figure.ids, figure.id, figure.name) == (("F98", "F99"), "F98", "F98_both")
    assert figure.title == "The F in it"
    path.write_text('"""Title\n\nAlt.\n\nCaption."""\ndef draw(a): ...\n')
    with pytest.raises(ValueError, match="begins with Title, not with an id, like F9 or P12"):
        figure_file(path, path.stem)


def test_an_estimators_colour_is_its_place_in_the_config():
    colours = palette(pd.DataFrame({"estimator": ["a", "b"]}))
    assert colours == {"a": COLOURS[0], "b": COLOURS[1]}


def test_what_is_biased_by_its_making_is_read_from_its_parts():
    parts: dict[str, dict[str, list[object]]] = {
        "batch_mean": {"baseline": ["batch_mean"]},
        "batch_optimal": {"baseline": ["batch_optimal"]},
        "gae": {"signal": ["gae"]},
        "td": {"signal": ["td"]},
        "normalized": {"normalize": [True]},
        "undiscounted_score": {"signal": ["reward_to_go"], "score_discount": [False]},
        "plain": {},
        "mean": {"baseline": ["mean"]},
        "value": {"baseline": ["value"]},
        "exact_td": {"signal": ["td"], "value": ["exact"]},
        "undiscounted_return": {"score_discount": [False]},  # it is counted from step 0: γ⁰ = 1
    }
    table = pd.concat([composed([name], **part) for name, part in parts.items()])
    assert biased_by_making(table) == {
        "batch_mean": ["own trajectory"],
        "batch_optimal": ["own trajectory"],
        "gae": ["fitted value"],
        "td": ["fitted value"],
        "normalized": ["normalized advantages"],
        "undiscounted_score": ["undiscounted score"],
    }


SMALLER = {
    "F13_problems": {name: "environment == 'mine'" for name in ("problems", "problem_traces")},
    "F8_noisy_walks": {"line_walks": "start_std == 0", "line_spread": "start_std == 0"},
    "F9_shape": {"line_derivatives": "start_std == 0.1", "line_conditions": "start_std == 0.1"},
    "F9_vector_field": {name: "start_std == 0" for name in ("vector_field", "sampled_field", "optimum")},
    "F11_flows": {name: "regime == 'average reward'" for name in ("flows", "flow_ends", "flow_levels")},
    "F11_updates": {"line_updates": "rule == 'vanilla' and start_std < 0.1"},
    "P16_fisher_costs": {"fisher_residuals": "environment == 'line'", "fisher_costs": "parameters == 100"},
    "P17_directions": {"direction_summary": "step == 'vanilla'", "direction_speed": "step == 'vanilla'"},
    "P17_parameterisations": {"step_differences": "epsilon == 0.1", "step_sizes": "epsilon == 0.1"},
    "P23_ways": {
        "gradient_ways": "horizon == 2 and form == 'pathwise'",
        "gradient_ripples": "frequency == 12",
    },
    "P24_terms": {"variance_terms": "environment == 'grid' and policy == 'trained' and kind == 'nested'"},
    "P20_clipping": {"clipping": "form == 'clipped' and kl == 0.08"},
    "P21_undiscounted": {
        f"discount_{name}": "gamma == 1.0" for name in ("field", "circulation", "paths", "ends")
    },
    "P22_equal_variance": {"baseline_arms": "delta == 1.0"},
    "P17_step_sizes": {
        "step_size_scores": "environment == 'line' and direction == 'vanilla' and key == 'kl'",
        "step_size_ranges": "environment == 'line' and direction == 'vanilla' and key == 'kl'",
        "step_size_contrasts": "environment == ''",
    },
}


@pytest.mark.parametrize("name", sorted(SMALLER))
def test_a_smaller_config_is_drawn_as_well(name):
    """One start, one environment, one kind of step; it may have nothing to say."""
    module, every = import_module(FIGURES[name].module), tables()
    given = [every[table].query(SMALLER[name][table]) for table in FIGURES[name].tables]
    assert pictures(module.draw(*given))["svg"]
    said = [getattr(module, name)(*given) for name in ("headline", "findings") if hasattr(module, name)]
    assert not any("nan" in text for text in said)
