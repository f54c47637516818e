"""Section 1, the objective: what is maximised, and how well samples tell it (E1, E2, C1)."""

import pandas as pd
from scipy.stats import t

from pgpipe.lecture.common.convergence import MARGIN, is_half, is_not_half, pooled_slope
from pgpipe.lecture.common.evidence import Check, Claim, verdict


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
    slope = pooled_slope(spread)
    z = (spread["mean_error"] / spread["standard_error"]).abs()
    biased = bool((z > t.ppf(1 - 0.05 / 2 / max(1, len(spread)), spread["replicates"] - 1)).any())
    return Claim(
        test="",
        found=f"slope of log error over log N, all series together; largest bias |z| = {z.max():.2f}",
        quantity="",
        n_counts="",
        interval=slope,
        rule=f"interval within -0.5 ± {MARGIN:g}, and no bias by Student's t at 5 % over all rows together",
        verdict=verdict(
            supported=is_half(slope) and not biased,
            refuted=is_not_half(slope) or biased,
        ),
        figure="P1",
        lacks="" if slope.is_known else "no environment whose returns differ at two batch sizes",
    )
