"""∮ g·dθ around a loop in (k, σ), exactly and from rollouts; of a gradient it is zero (E49)."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.estimators import scores
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.intervals import Interval
from pgpipe.lecture.after_the_lecture.discount_problem import CURVE, FORMS, DiscountSpec, Loop, with_discount
from pgpipe.lecture.common.identity_rows import Row, exact_row, identity_row
from pgpipe.oracles.line import gain_and_spread
from pgpipe.oracles.line_curl import curl, expected_direction
from pgpipe.oracles.line_field import parameters
from pgpipe.oracles.values import exact_value
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.statistics import normal_interval

Floats = NDArray[np.float64]

FINE = 96  # points on the loop where only exact numbers are compared
NODES = 24  # Gauss-Legendre, by radius, of the integral of the curl


def circulation_table(spec: DiscountSpec) -> pd.DataFrame:
    """Rows by γ and form: curl at the centre and ∮ g·dθ, exact, and where γ is one of the study's, measured.

    The trapezoidal rule is exact to many digits, as the field is a polynomial and the loop has no ends. Each
    of its points has rollouts of its own, which all γ and both forms share. `deviation` is the largest one of
    a measured mean on the loop from the exact field, in standard errors.
    """
    line, loop = spec["environment"], spec["loop"]
    measured = {(gamma, form): around for gamma, form, around in _measured(spec)}
    rows = []
    for gamma in sorted({*spec["gammas"], *CURVE}):
        at = with_discount(line, gamma)
        for form, score_discount in FORMS.items():
            g, steps = exact_around(at, loop, score_discount), tangents(loop)
            row = {"gamma": gamma, "form": form, "curl": curl(loop["k"], loop["sigma"], at, score_discount)}
            row["circulation"] = float((g * steps).sum())
            # as much as it would be if the direction were that of the loop all the way
            row["largest"] = float((np.linalg.norm(g, axis=1) * np.linalg.norm(steps, axis=1)).sum())
            interval, row["deviation"], row["n"] = Interval.unknown(), np.nan, 0
            if (gamma, form) in measured:
                means, errors = measured[gamma, form]
                row["n"] = spec["episodes"] * loop["points"]
                row["deviation"] = float((np.abs(means - g) / errors).max())
                error = float(((errors * steps) ** 2).sum() ** 0.5)
                interval = normal_interval(float((means * steps).sum()), error, row["n"])
            rows.append(row | interval.columns("measured"))
    shape = {"loop_k": loop["k"], "loop_sigma": loop["sigma"]}
    shape |= {"half_k": loop["half_k"], "half_sigma": loop["half_sigma"]}
    return pd.DataFrame(rows).assign(environment=line["name"], points=loop["points"], **shape)


def places(loop: Loop) -> Floats:
    """(k, σ) of the loop's points, counter-clockwise in the plane of k and σ.  -> (M, 2)."""
    angle = _angles(loop)
    return np.stack(
        [loop["k"] + loop["half_k"] * np.cos(angle), loop["sigma"] + loop["half_sigma"] * np.sin(angle)], 1
    )


def tangents(loop: Loop) -> Floats:
    """dθ at the loop's points: the derivative by the angle, times the angle between two.  -> (M, 2)."""
    angle = _angles(loop)
    along = np.stack([-loop["half_k"] * np.sin(angle), loop["half_sigma"] * np.cos(angle)], 1)
    return along * (2 * np.pi / loop["points"])


def _angles(loop: Loop) -> Floats:
    return 2 * np.pi * np.arange(loop["points"]) / loop["points"]


def exact_around(line: LinearEnvironmentSpec, loop: Loop, score_discount: bool) -> Floats:
    """(g_k, g_σ) at the loop's points.  -> (M, 2)."""
    return np.array([np.real(expected_direction(k, s, line, score_discount)) for k, s in places(loop)])


def curl_within(line: LinearEnvironmentSpec, loop: Loop, score_discount: bool) -> float:
    """∬ curl dk dσ over what the loop surrounds: by Stokes' theorem it is ∮ g·dθ."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    angles = 2 * np.pi * np.arange(NODES) / NODES
    total = 0.0
    for radius, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        for k, sigma in zip(np.cos(angles), np.sin(angles), strict=True):
            place = (
                loop["k"] + radius * loop["half_k"] * k,
                loop["sigma"] + radius * loop["half_sigma"] * sigma,
            )
            total += weight * radius * 2 * np.pi / NODES * curl(*place, line, score_discount)
    return total * loop["half_k"] * loop["half_sigma"]


def _measured(spec: DiscountSpec) -> Iterator[tuple[float, str, tuple[Floats, Floats]]]:
    """Mean and standard error of both components at the loop's points, (M, 2) each, by γ and form."""
    line, policy = spec["environment"], policy_for(spec["environment"])
    found: dict[tuple[float, str], list[tuple[Floats, Floats]]] = {}
    for number, (k, sigma) in enumerate(places(spec["loop"])):
        theta = torch.from_numpy(parameters(line, k, sigma))
        words = ("circulation", str(number))
        walks = next(sample_batches(line, theta, spec["seed"], words, 1, spec["episodes"])).joined()
        moves = np.array([1.0, gain_and_spread(theta.numpy(), line)[2]])  # ∂(k, σ)/∂θ
        for gamma in spec["gammas"]:
            at = with_discount(line, gamma)
            value = exact_value("pgpipe.oracles.line", theta, at)
            for form, score_discount in FORMS.items():
                parts: EstimatorSpec = {**spec["estimator"], "score_discount": score_discount}
                estimator = Estimator.from_spec(parts, gamma, value)
                rows = scores.trajectory_estimates(policy, theta, walks, estimator).numpy() / moves
                error = rows.std(0, ddof=1) / len(rows) ** 0.5
                found.setdefault((gamma, form), []).append((rows.mean(0), error))
    for (gamma, form), around in found.items():
        means, errors = (np.stack(part) for part in zip(*around, strict=True))
        yield gamma, form, (means, errors)


def discount_identities(spec: DiscountSpec, measured: pd.DataFrame) -> pd.DataFrame:
    """Rows of `discount_identities.csv`: Stokes' theorem, and the estimates' means on the loop."""
    rows: list[Row] = []
    loop: Loop = {**spec["loop"], "points": FINE}
    for gamma in spec["gammas"]:
        line = with_discount(spec["environment"], gamma)
        for form, score_discount in FORMS.items():
            g, steps = exact_around(line, loop, score_discount), tangents(loop)
            around, within = (g * steps).sum(), curl_within(line, loop, score_discount)
            what = f"circulation minus the curl within, {form} γᵗ, γ = {gamma:g}"
            sides = (torch.tensor([side]) for side in (around, within, np.abs(g * steps).sum()))
            rows.append(exact_row("E49", what, *sides))
    ours = measured[measured["n"] > 0]
    n, comparisons = int(ours["n"].iloc[0]), 2 * int(ours["points"].iloc[0]) * len(ours)
    what = "means of the estimates on the loop minus the exact field, with γᵗ and without, in standard errors"
    rows.append(identity_row("E49", what, "mean", ours["deviation"].max(), 0, 1, n, comparisons))
    return pd.DataFrame(rows).assign(environment=spec["environment"]["name"])
