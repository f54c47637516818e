"""A statement of one's own, and a check."""

import pandas as pd

from my_lab.figures.own_variances import last_stage
from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Check, Claim, verdict


def y2(gradient_quality: pd.DataFrame) -> Claim:
    """Subtracting the others' median makes the gradient estimate less noisy."""
    rows = last_stage(gradient_quality).set_index("estimator")
    row = rows.loc["own_baseline"]
    ratio = Interval.by_chance(
        row["variance_ratio"], row["variance_ratio_low"], row["variance_ratio_high"], n=int(row["replicates"])
    )
    return Claim(
        test="In the corridor, the variance of estimates with and without the baseline is compared.",
        found=f"With it the variance is {ratio.estimate:.3g} times that without.",
        rule="Supported if the ratio's interval lies below 1, refuted if it lies above.",
        quantity="ratio of variances",
        interval=ratio,
        n_counts="replicates",
        verdict=verdict(ratio.high < 1, ratio.low > 1),
        figure="Y1",
    )


def y3(gradient_quality: pd.DataFrame) -> list[Check]:
    """Variances are no negative numbers."""
    least = float(gradient_quality["total_variance"].min())
    return [Check("negative part of the least variance", min(least, 0.0), 0.0, 0.0, len(gradient_quality))]
