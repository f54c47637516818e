"""Section 1, the objective: what is maximised, and how well samples tell it (E1, E2, C1)."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from pgpipe.evidence import Check, Claim, verdict
from pgpipe.statistics import weighted_slope


def e1(optimum: pd.DataFrame, vector_field: pd.DataFrame) -> list[Check]:
    """Where the exact gradient vanishes no other parameters of the grid do better."""
    checks = []
    for best in optimum.itertuples():
        others = vector_field[vector_field["start_std"] == best.start_std]["objective"]
        start = f"start spread {best.start_std:g}"
        lead = max(0.0, float(others.max() - best.objective))
        checks += [
            Check(f"‖∇J(θ*)‖, {start}", best.gradient_norm, 0.0, 1e-6, 1),
            Check(f"lead of the best of the grid over J(θ*), {start}", lead, 0.0, 1e-9, len(others)),
        ]
    return checks


def e2(objective_error: pd.DataFrame) -> list[Check]:
    """The mean of the sampled returns is J, within its error, in every environment at every stage."""
    largest = objective_error[objective_error["n_trajectories"] == objective_error["n_trajectories"].max()]
    margin = float(norm.ppf(1 - 0.0001 / len(largest)))
    return [
        Check(
            f"mean of Ĵ, {row.environment}, {row.policy}",
            row.exact + row.mean_error,
            row.exact,
            margin * row.standard_error,
            row.replicates * row.n_trajectories,
        )
        for row in largest.itertuples()
    ]


def c1(objective_error: pd.DataFrame) -> Claim:
    """The estimate E2 is unbiased, and its error falls as 1/√N."""
    slopes = []
    for _, group in objective_error.groupby(["environment", "policy"]):
        error = np.log(group["rmse_high"] / group["rmse_low"]) / (2 * norm.ppf(0.975))
        slopes.append(
            weighted_slope(
                np.log(group["n_trajectories"].to_numpy(float)),
                np.log(group["rmse"].to_numpy()),
                error.to_numpy(),
            )
        )
    slope, se = _weighted_mean(slopes)
    low, high = slope - norm.ppf(0.975) * se, slope + norm.ppf(0.975) * se
    z = (objective_error["mean_error"] / objective_error["standard_error"]).abs().max()
    limit = norm.ppf(1 - 0.05 / 2 / len(objective_error))
    biased = bool(z > limit)
    return Claim(
        measure=f"slope of log error over log N, all environments and stages; largest bias |z| = {z:.2f}",
        estimate=slope,
        low=low,
        high=high,
        n=int(objective_error["replicates"].sum()),
        criterion=f"interval within -0.5 ± 0.05, and no bias |z| above {limit:.2f} (5 % over all rows)",
        verdict=verdict(
            supported=low > -0.55 and high < -0.45 and not biased,
            refuted=high < -0.55 or low > -0.45 or biased,
        ),
        figure="P1",
    )


def _weighted_mean(values: list[tuple[float, float]]) -> tuple[float, float]:
    """Mean of (value, standard error) pairs weighted by precision, and its standard error."""
    x, se = np.array(values).T
    weights = se**-2.0
    return float(np.average(x, weights=weights)), float(weights.sum() ** -0.5)
