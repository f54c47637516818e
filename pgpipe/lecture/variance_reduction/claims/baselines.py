"""Section 5, baselines: unbiased, and how close the mean is to the best (E19 to E21, C9, C10, C32)."""

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import environments_of, lacking
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.evidence import Check, Claim, verdict
from pgpipe.lecture.common.identities import Identities
from pgpipe.lecture.common.unbiasedness import MARGIN, largest_deviations, pooled_projection

# Of the possible reduction of the variance, the share that counts as close to the best.
CLOSE = 0.5

# A variance that the best constant cannot reduce by this share leaves nothing to get.
WORTH = 0.02

# How much of ĝ a constant may change and still "not change it at all": rounding of what was added.
UNCHANGED = 1e-9


IDENTITIES = Identities(
    "causality_identities",
    {
        "E20": "A constant times the score has the mean zero.",
        "E21": "The ratio E[g² r]/E[g²] from rollouts is the exact one.",
    },
)


def e19(gradient_components: pd.DataFrame, estimators: pd.DataFrame) -> list[Check]:
    """And with a mean of the other trajectories subtracted."""
    return largest_deviations(gradient_components, composed_of(estimators, baseline="mean"))


def c9(gradient_projection: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """The batch's own mean shrinks the expected gradient by exactly 1 - 1/N; leaving the own trajectory out
    restores it.
    """
    others_names = composed_of(estimators, signal="total_return", baseline="mean")
    own_names = composed_of(estimators, signal="total_return", baseline="batch_mean", bias="own trajectory")
    own, others = (_projections(gradient_projection, names) for names in (own_names, others_names))
    ratio = (own / others).dropna()
    n = ratio.index.get_level_values("batch_size").to_numpy(float)
    quotient = ratio / (1 - 1 / n)
    restored = pooled_projection(gradient_projection, others_names)
    measured = len(quotient) > 0 and restored.n > 0
    exact = bool(np.allclose(quotient, 1, atol=1e-3))
    return Claim(
        test="",
        found="gradient with the own mean over that with the others' mean, over 1 - 1/N, mean and range; "
        f"the others' mean: ḡ·∇J/‖∇J‖² = {restored:.3f}",
        quantity="",
        n_counts="",
        interval=Interval.over_cases(quotient.mean(), quotient.to_list(), len(quotient)),
        rule=f"every quotient 1 ± 0.001, and the others' mean within 1 ± {MARGIN:g}",
        verdict=verdict(
            supported=measured and exact and restored.within(1, MARGIN),
            refuted=measured and (not exact or restored.outside(1, MARGIN)),
        ),
        figure="P4",
        lacks=lacking(
            (
                not own_names or not others_names,
                "the config lacks total_return with baseline mean or batch_mean",
            ),
            (not measured, "no exact gradient of both estimators"),
        ),
    )


def c10(gradient_reduction: pd.DataFrame) -> Claim:
    """The mean is not the best baseline, but close to it."""
    rows = gradient_reduction[gradient_reduction["signal"] == "total_return"]
    rows = rows[(rows["batch_size"] == rows["batch_size"].max()) & (rows["possible_low"] > WORTH)]
    close, far = rows[rows["share_low"] > CLOSE], rows[rows["share_high"] < CLOSE]
    worse = rows[rows["achieved_high"] < 0]
    n = int(rows["replicates"].sum())
    middle = rows.sort_values("share").iloc[len(rows) // 2] if len(rows) else None
    return Claim(
        test="",
        found="share of the possible reduction of the variance that the mean gets, (none - mean) / (none - "
        f"optimal), the median of {len(rows)} environments and stages. More than {CLOSE:g} in {len(close)}"
        f"{environments_of(close)}; less in {len(far)}{environments_of(far)}; worse than no baseline in "
        f"{len(worse)}{environments_of(worse)}",
        quantity="",
        n_counts="",
        interval=Interval.of_row(middle, "share", n),
        rule=f"the interval of the share above {CLOSE:g} wherever more than {WORTH:.0%} of the variance "
        "can be taken away; refuted by one interval below",
        verdict=verdict(supported=len(rows) > 0 and len(close) == len(rows), refuted=len(far) > 0),
        figure="P3",
        lacks="" if len(rows) else f"no environment in which constants take away more than {WORTH:.0%}",
    )


def c32(causality_effects: pd.DataFrame) -> Claim:
    """With the mean baseline the gradient does not change at all when a constant is added to every return."""
    mean = causality_effects[causality_effects["quantity"] == "shift, mean"]
    none = causality_effects[causality_effects["quantity"] == "shift, no baseline"]
    largest = float(mean["largest"].max())
    moved = float(none["estimate"].min())
    return Claim(
        test="",
        found="largest change of a gradient, relative to its length, of all batches; there is no chance in "
        f"it, so the bounds are those of all environments. Without a baseline it is {moved:.2g} at least",
        quantity="",
        n_counts="",
        interval=Interval.over_cases(largest, mean["largest"].to_list(), mean["n"].sum()),
        rule=f"nowhere above {UNCHANGED:g}, and without a baseline above it everywhere",
        verdict=verdict(largest <= UNCHANGED < moved, largest > UNCHANGED),
        figure="P2",
        lacks="" if len(mean) else "the causality study has no environment",
    )


def _projections(table: pd.DataFrame, names: list[str]) -> pd.Series:
    """ḡ·∇J/‖∇J‖² of an estimator by environment, policy and batch size, where ∇J is exact."""
    rows = table[table["estimator"].isin(names[:1]) & (table["kind"] == "exact")]
    return rows.set_index(["environment", "policy", "batch_size"])["projection"]
