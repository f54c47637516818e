"""A page whose widgets have small tables to show, measured by the studies themselves."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import torch
from samples import GRID, LINE, estimator_spec, some_theta

from pgpipe.lecture.common.placing import placed
from pgpipe.lecture.gradients.comparison import GradientsSpec, compare_gradients
from pgpipe.lecture.gradients.estimates import GroupSpec, estimate_batches
from pgpipe.lecture.off_policy.problem import Problem, TargetsSpec, collected, targets
from pgpipe.lecture.off_policy.weights import weight_rows
from pgpipe.lecture.registry import figure_files, texts, widgets
from pgpipe.lecture.report.material import Material, read_texts
from pgpipe.lecture.report.page import render_report
from pgpipe.lecture.report.specs import templates
from pgpipe.lecture.variance.three_samples import ReturnCurve, three_tables

PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt"><path d="M 1 2 L 2.5 3"/></svg>'
)

STAGES = ("untrained", "trained")
ESTIMATORS = {
    "total_return": estimator_spec("total_return"),
    "mean_baseline": estimator_spec("reward_to_go", "mean"),
    "normalized": estimator_spec("reward_to_go", "mean", normalize=True),
}

CLAIM: dict[str, Any] = {
    "id": "C8", "section": "variance_reduction", "statement": "The reward to go has the lower variance.",
    "test": "Two estimators are compared.", "found": "The ratio is 2.33.", "n": 3, "n_counts": "policies",
    "rule": "Supported if the ratio is below 1; refuted if above 1.2, or the projection is off 1 ± 0.05.",
    "reason": "On the coin the past predicts the future.", "verdict": "refuted", "stability": {"seeds": 3, "same": 3},
    "estimate": {"quantity": "variance ratio", "unit": "ratio", "value": 2.3, "low": None, "high": 2.5, "kind": "95 % interval"},
    "figure": "P3", "tables": ["gradient_quality"],
}  # fmt: skip
CLAIMS = [
    {
        **CLAIM,
        "id": "C1",
        "section": "objective",
        "verdict": "supported",
        "statement": "The mean is unbiased.",
    },
    CLAIM,
    {**CLAIM, "id": "C20", "section": "practice", "verdict": "undecided", "stability": None},
]
CASES = pd.DataFrame(
    [
        ("C8", "line, trained", "variance ratio", 0.5, 0.4, 0.6, "95 % interval", 200, "for"),
        ("C8", "grid, trained", "variance ratio", 0.9, 0.7, 1.1, "95 % interval", 200, "neither"),
        ("C8", "coin, untrained", "variance ratio", 2.3, 2.3, 2.3, "exact", 1, "against"),
        ("C8", "line, untrained", "projection", 1.01, np.nan, np.nan, "95 % interval", 200, "for"),
    ],
    columns=["claim", "case", "quantity", "value", "low", "high", "kind", "n", "says"],
)


CERTIFICATE = pd.DataFrame({"estimator": list(ESTIMATORS)}).assign(
    environment="line", policy="trained", bias_z=0.4, variance_ratio=0.5, variance_ratio_low=0.4, variance_ratio_high=0.6,
    exact_variance=2.0, total_variance=2.1, snr=1.5, replicates=200, bias_norm=0.1, cosine=0.9, cosine_low=0.8,
    cosine_high=0.95, operations_per_step=120.4, relative_cost=3.0,
)  # fmt: skip

SIZES = (4, 8)  # trajectories in a batch
BATCHES = 40


@cache
def tables():
    """The tables that widgets ask for, and those that every page needs."""
    estimators = pd.DataFrame.from_dict(ESTIMATORS, orient="index").rename_axis("estimator").reset_index()
    estimators["bias"] = ["none", "none", "normalized advantages"]
    return {
        **three_tables(0.0, 1.0, ReturnCurve(-2.0, 1.0, 0.0, 1.0), 2.5, 0.3, 0),
        "gradient_quality": pd.concat([qualities(LINE, "line"), qualities(GRID, "grid")]),
        "gradient_samples": samples(),
        "off_policy_weights": weights(),
        "estimators": estimators,
        "certificate": CERTIFICATE,
        "gradient_reference": pd.DataFrame({"environment": ["line"]}),
    }


def problem(environment, oracle, theta):
    """A policy's rollouts, with what an oracle knows."""
    known = f"pgpipe.oracles.{oracle}"
    return Problem.from_spec(
        {"seed": 0, "environment": environment, "module": known, "known": f"{known}_off_policy"}, theta
    )


def sampled(environment, oracle):
    """Estimates and exact gradients of two policies: `<estimator>.<stage>.<size>`, (R, P), `<stage>.gradients`."""
    estimates, reference = {}, {}
    for stage, theta in zip(STAGES, some_theta(environment, len(STAGES)), strict=True):
        here = problem(environment, oracle, theta)
        batches = collected(here, (stage,), BATCHES, max(SIZES))
        reference[f"{stage}.gradients"] = here.gradient(theta, (), 1, 1)
        reference[f"{stage}.returns"] = torch.zeros(1)
        for n in SIZES:
            group: GroupSpec = {"environment": environment, "group": ESTIMATORS, "module": None}
            for name, rows in estimate_batches(group, theta, batches.first(n)).items():
                estimates[f"{name}.{stage}.{n}"] = rows
    return estimates, reference


def qualities(environment, oracle):
    """Rows of `gradient_quality` for two policies."""
    spec: GradientsSpec = {
        "seed": 0, "environment": environment, "estimators": list(ESTIMATORS), "yardstick": "total_return",
        "batch_sizes": list(SIZES), "resamples": 50,
    }  # fmt: skip
    estimates, reference = sampled(environment, oracle)
    return compare_gradients(spec, pd.DataFrame({"policy": STAGES}), reference, estimates)["gradient_quality"]


def samples():
    """Rows of `gradient_samples`: every estimate on the line, a row for each parameter."""
    estimates, reference = sampled(LINE, "line")
    rows = [
        ("line", stage, name, n, batch, parameter, float(values[batch, i]), float(reference[f"{stage}.gradients"][0, i]))
        for key, values in estimates.items()
        for name, stage, n in [(*key.split(".")[:2], int(key.split(".")[2]))]
        for batch in range(len(values))
        for i, parameter in enumerate(("k", "sigma"))
    ]  # fmt: skip
    columns = ["environment", "policy", "estimator", "batch_size", "batch", "parameter", "value", "exact"]
    return pd.DataFrame(rows, columns=columns)


def weights():
    """Rows of `off_policy_weights` on the line, at two distances in two directions."""
    here = problem(LINE, "line", some_theta(LINE)[0])
    pool = collected(here, (), BATCHES, max(SIZES)).joined()
    spec: TargetsSpec = {
        "seed": 0, "environment": LINE, "module": None, "known": None, "distances": [0.01, 1.0],
        "random_directions": 1, "batch_size": 8, "replicates": BATCHES,
    }  # fmt: skip
    rows = [weight_rows(here, t, here.ratios(t.theta, pool)["log_ratios"]) for t in targets(here, spec, pool)]
    return placed(pd.concat(rows), {"environment": "line", "policy": "half_trained"})


def page():
    """The page of this run; in each section with a widget there is a picture, or it would be left out."""
    ids = ("F3", "P8", "F9")
    made = {figure.name: PICTURE for figure in figure_files() if figure.id in ids}
    blank = pd.DataFrame({"column": [1]})
    names = {name for figure in figure_files() if figure.name in made for name in figure.tables}
    return render_report(
        Material(
            sources=read_texts([*texts(), *templates(), *widgets()]),
            pictures=made,
            findings=dict.fromkeys(made, ""),
            tables=dict.fromkeys(names, blank) | tables() | {"claim_cases": CASES},
            checks=[],
            claims=CLAIMS,
            cases=CASES,
            config={"seed": 0},
            records={},
        )
    )
