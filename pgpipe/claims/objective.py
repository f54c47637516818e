"""Section 1, the objective: what is maximised, and how well samples tell it (E1, E2, C1)."""

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from pgpipe.evidence import Check, Claim, verdict
from pgpipe.statistics import weighted_mean, weighted_slope


def e1(optimum: pd.DataFrame, vector_field: pd.DataFrame) -> list[Check]:
    """Where the exact gradient vanishes no other parameters of the grid do better."""
    checks = []
    for best in optimum.itertuples():
        others = vector_field[vector_field["start_std"] == best.start_std]["objective"]
        start = f"start spread {best.start_std:g}"
        lead = max(0.0, float(others.max() - best.objective))
        scale = max(1.0, abs(best.objective))
        checks += [
            Check(f"‖∇J(θ*)‖, {start}", best.gradient_norm, 0.0, 1e-6 * scale, 1),
            Check(f"lead of the best of the grid over J(θ*), {start}", lead, 0.0, 1e-9 * scale, len(others)),
        ]
    return checks


def e2(objective_error: pd.DataFrame) -> list[Check]:
    """The mean of the sampled returns is J, within its error, in every environment at every stage."""
    largest = objective_error[objective_error["n_trajectories"] == objective_error["n_trajectories"].max()]
    chance = 0.0001 / len(largest)  # of all rows together, that a right one fails
    return [
        Check(
            f"mean of Ĵ, {row.environment}, {row.policy}",
            row.exact + row.mean_error,
            row.exact,
            float(t.ppf(1 - chance / 2, row.replicates - 1)) * row.standard_error,
            row.replicates * row.n_trajectories,
        )
        for row in largest.itertuples()
    ]


def c1(objective_error: pd.DataFrame) -> Claim:
    """The estimate E2 is unbiased, and its error falls as 1/√N."""
    spread = objective_error[
        objective_error["rmse_low"] > 0
    ]  # returns that never differ have no error to fall
    slopes = [_slope(group) for _, group in spread.groupby(["environment", "policy"]) if len(group) > 1]
    slope, se = weighted_mean(*np.array(slopes).T) if slopes else (np.nan, np.nan)
    low, high = slope - norm.ppf(0.975) * se, slope + norm.ppf(0.975) * se
    z = (spread["mean_error"] / spread["standard_error"]).abs()
    biased = bool((z > t.ppf(1 - 0.05 / 2 / max(1, len(spread)), spread["replicates"] - 1)).any())
    return Claim(
        measure=f"slope of log error over log N, all series together; largest bias |z| = {z.max():.2f}",
        estimate=slope,
        low=low,
        high=high,
        n=int(spread["replicates"].sum()),
        criterion="interval within -0.5 ± 0.05, and no bias by Student's t at 5 % over all rows together",
        verdict=verdict(
            supported=low > -0.55 and high < -0.45 and not biased,
            refuted=high < -0.55 or low > -0.45 or biased,
        ),
        figure="P1",
    )


def _slope(group: pd.DataFrame) -> tuple[float, float]:
    """Slope of log error over log N and its standard error, from the errors' own intervals."""
    error = np.log(group["rmse_high"] / group["rmse_low"]) / (2 * norm.ppf(0.975))
    n, rmse = group["n_trajectories"].to_numpy(float), group["rmse"].to_numpy()
    return weighted_slope(np.log(n), np.log(rmse), error.to_numpy())
