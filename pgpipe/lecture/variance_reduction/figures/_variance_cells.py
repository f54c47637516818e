"""The variance of every estimator over that of the total return, exact where it is known."""

import numpy as np
import pandas as pd

from pgpipe.lecture.common.cases import alike
from pgpipe.lecture.common.estimator_table import biased_by_making, composed_of
from pgpipe.lecture.variance_reduction.figures._ladder_rows import largest_batch, one_stage

# A variance this far below the yardstick's is rounding: the estimator has none.
NONE = 1e-10

# Estimates of another length, or of another gradient: their variance stands on another scale.
OTHER_SCALE = {"normalized advantages", "undiscounted score", "constant divisor", "divided by lengths"}

# The row of what E21 would leave, which is no estimator: it knows the best constants.
BEST = "best constants"

KEY = ["environment", "policy", "estimator"]


def variance_cells(
    quality: pd.DataFrame, exact: pd.DataFrame, reduction: pd.DataFrame, estimators: pd.DataFrame
) -> pd.DataFrame:
    """A row for each environment and estimator at one stage: `ratio`, whether it is `exact`, and its `side`.

    The side is `lower` or `higher` than one, `the same`, or `not told` where an interval contains one.
    """
    rows = one_stage(largest_batch(quality))
    other = [n for n, why in biased_by_making(estimators).items() if OTHER_SCALE & set(why)]
    rows = rows[~rows["estimator"].isin(other) & rows["variance_ratio"].notna()]
    known = (
        _exact_ratios(rows, exact, estimators).reindex(pd.MultiIndex.from_frame(rows[KEY])).to_numpy(float)
    )
    is_exact = ~np.isnan(known)
    low, high = (
        np.where(is_exact, known, rows[f"variance_ratio_{end}"].to_numpy()) for end in ("low", "high")
    )
    cells = rows[KEY].assign(
        ratio=np.where(is_exact, known, rows["variance_ratio"]),
        exact=is_exact,
        side=np.select([alike(low, high), high < 1, low > 1], ["the same", "lower", "higher"], "not told"),
    )
    return pd.concat([cells, _best_constants(cells, reduction)], ignore_index=True)


def _exact_ratios(rows: pd.DataFrame, exact: pd.DataFrame, estimators: pd.DataFrame) -> "pd.Series[float]":
    """The exact variance of a batch over the exact one of E11, where both are known."""
    at = rows[["environment", "policy", "batch_size"]].drop_duplicates()
    total = exact.merge(at, on=list(at)).groupby(KEY)["variance"].sum()
    e11 = composed_of(estimators, signal="total_return", baseline="none")[:1]
    yardstick = total[total.index.get_level_values("estimator").isin(e11)].droplevel("estimator")
    return total / yardstick.reindex(total.index.droplevel("estimator")).to_numpy()


def _best_constants(cells: pd.DataFrame, reduction: pd.DataFrame) -> pd.DataFrame:
    """What the best constants leave of the variance of E11, exactly."""
    places = cells[["environment", "policy"]].drop_duplicates()
    rows = reduction[reduction["none"] > 0].merge(places, on=list(places))
    ratio = (rows["optimal"] / rows["none"]).astype(float)
    side = np.where(alike(ratio, ratio), "the same", "lower")
    return rows[list(places)].assign(estimator=BEST, ratio=ratio, exact=True, side=side)
