"""Section 8, practice: noise, batch sizes, learning rates (C18 to C21)."""

from typing import Any

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import any_below, lacking, least
from pgpipe.lecture.common.evidence import Claim, verdict
from pgpipe.statistics import mean_interval

# Batches "in the thousands", in environment steps.
THOUSANDS = (1_000, 10_000)


def c18(gradient_noise: pd.DataFrame) -> Claim:
    """The policy gradient is noisier than the supervised one."""
    rows = _paired(gradient_noise)
    noisier = len(rows) > 0 and bool((rows["low"] > 0).all())
    return Claim(
        test="",
        found="cosine of two independent batches, supervised less policy gradient, seed by seed where "
        f"both have come equally far, the least of {_stages(rows)}. Signal-to-noise ratio, supervised over "
        f"policy gradient: {_ratios(gradient_noise)}",
        quantity="",
        n_counts="",
        interval=least(rows, "difference"),
        rule="the interval above 0 in every environment at every stage; refuted if one lies below 0 "
        "at 5 % over all together",
        verdict=verdict(supported=noisier, refuted=any_below(rows, "difference", 0.0)),
        figure="P15",
        lacks=lacking(
            (rows.empty, "no stage that a seed reached by both kinds of learning"),
            (
                bool((rows["n"] < 2).any()),
                "stages that fewer than two seeds reached by both kinds of learning",
            ),
        ),
    )


def c19(batch_crossings: pd.DataFrame) -> Claim:
    """Batches in the thousands are what a usable direction takes."""
    rows = batch_crossings
    fewest, most = THOUSANDS
    # the smallest size stands for all below it, and infinity for all above the largest
    below, above = rows["low"] <= rows["smallest"], ~np.isfinite(rows["high"])
    inside = (rows["low"] >= fewest) & (rows["high"] < most) & ~below
    fewer = rows["high"] < fewest
    more = (rows["low"] >= most) & (np.isfinite(rows["low"]) | (rows["largest"] >= most))
    middle = rows.sort_values("batch_steps").iloc[len(rows) // 2] if len(rows) else None
    usable = rows["usable_cosine"].iloc[0] if len(rows) else np.nan
    return Claim(
        test="",
        found=f"environment steps at which the mean cosine to ∇J passes {usable:g}, the median of "
        f"environments and stages: {_crossings(rows)}. In the thousands in {inside.sum()} of {len(rows)}, "
        f"fewer in {fewer.sum()}, more in {more.sum()}",
        quantity="",
        n_counts="",
        interval=Interval.from_columns(middle, ("batch_steps", "low", "high"), rows["seeds"].sum()),
        rule=f"everywhere an interval within {fewest:,} to {most:,} steps; refuted if one lies outside",
        verdict=verdict(supported=len(rows) > 0 and bool(inside.all()), refuted=bool((fewer | more).any())),
        figure="P13",
        lacks=lacking(
            (rows.empty, "no stage with a reference that has a direction"),
            (bool((below & (rows["smallest"] >= fewest)).any()), f"no batch of fewer than {fewest:,} steps"),
            (bool((above & (rows["largest"] < most)).any()), f"no batch of {most:,} steps or more"),
        ),
    )


def c20(learning_rate_contrasts: pd.DataFrame, learning_rate_ranges: pd.DataFrame) -> Claim:
    """Adam tolerates a wider range of learning rates than SGD with momentum."""
    of = learning_rate_contrasts
    rows = of[
        (of["learner"] == of["other_learner"])
        & (of["optimizer"] == "adam")
        & (of["other_optimizer"] == "momentum")
    ]
    widths = learning_rate_ranges[learning_rate_ranges["learner"] == "policy_gradient"]
    return _wider(
        rows,
        "width of the range of good learning rates in decades, Adam less SGD with momentum, the least of "
        f"{_differences(rows, ('environment',))}. The ranges: "
        f"{_ranges(widths, ('environment', 'optimizer'))}",
        "P14",
        "learning_rate_sweep.optimizers does not name adam after momentum",
    )


def c21(learning_rate_contrasts: pd.DataFrame, learning_rate_ranges: pd.DataFrame) -> Claim:
    """The policy gradient takes more tuning than supervised learning."""
    rows = learning_rate_contrasts[learning_rate_contrasts["learner"] == "supervised"]
    return _wider(
        rows,
        "width of the range of good learning rates in decades, supervised less policy gradient, same "
        f"network, batch and updates, the least of {_differences(rows, ('environment', 'optimizer'))}. The "
        f"ranges: {_ranges(learning_rate_ranges, ('environment', 'optimizer', 'learner'))}",
        "P15",
        "no optimiser was swept by both kinds of learning",
    )


def _wider(rows: pd.DataFrame, measure: str, figure: str, without_rows: str) -> Claim:
    """Whether the first of two ranges is the wider one everywhere.

    A width is at least what is told where the grid ends before the range: then the difference may be more, if
    that is the first one's, or less, if it is the other's.
    """
    sure_above = (rows["low"] > 0) & ~rows["other_censored"]
    sure_below = (rows["high"] < 0) & ~rows["censored"]
    cut_off = ((rows["low"] > 0) & ~sure_above) | ((rows["high"] < 0) & ~sure_below)
    return Claim(
        test="",
        found=measure,
        quantity="",
        n_counts="",
        interval=least(rows.rename(columns={"seeds": "n"}), "difference"),
        rule="the interval above 0 everywhere, with no censored range on the other side; refuted if "
        "one lies below 0",
        verdict=verdict(supported=len(rows) > 0 and bool(sure_above.all()), refuted=bool(sure_below.any())),
        figure=figure,
        lacks=lacking(
            (rows.empty, without_rows),
            (bool(cut_off.any()), "learning rates beyond a censored range"),
        ),
    )


def _paired(noise: pd.DataFrame) -> pd.DataFrame:
    """Difference of cosines with its interval, by environment and stage, over seeds that got there twice."""
    wide = noise.pivot_table(index=["environment", "stage", "seed"], columns="learner", values="cosine")
    wide = wide.reindex(columns=["supervised", "policy_gradient"]).dropna()
    found = []
    for (environment, stage), group in wide.groupby(level=["environment", "stage"], sort=False):
        values = (group["supervised"] - group["policy_gradient"]).to_numpy()
        apart = mean_interval(values).named("difference", "low", "high")
        found.append({"environment": environment, "stage": stage} | apart | {"n": len(values)})
    return pd.DataFrame(found, columns=["environment", "stage", "difference", "low", "high", "n"])


def _stages(rows: pd.DataFrame) -> str:
    return "; ".join(
        f"{_words(row['environment'])} at {row['stage']:g}: "
        f"{Interval.from_columns(row, ('difference', 'low', 'high'), row['n']):.2f}, n = {row['n']}"
        for row in rows.to_dict("records")
    )


def _ratios(noise: pd.DataFrame) -> str:
    """Of the mean signals over the mean variances, seeds together."""
    sums = noise.groupby(["environment", "stage", "learner"])[["signal", "variance"]].mean()
    snr = (sums["signal"] / sums["variance"]).reset_index()
    snr = snr.pivot_table(index=["environment", "stage"], columns="learner", values=0).dropna()
    return "; ".join(
        f"{_words(environment)} at {stage:g}: {row['supervised'] / row['policy_gradient']:.0f}"
        for (environment, stage), row in snr.iterrows()
    )


def _crossings(rows: pd.DataFrame) -> str:
    return "; ".join(
        f"{_words(row.environment)} at {row.stage:g} {_steps(row.batch_steps, row)} "
        f"[{_steps(row.low, row)}, {_steps(row.high, row)}]"
        for row in rows.itertuples()
    )


def _steps(value: float, row: Any) -> str:
    """A number of steps, or that it lies beyond what was measured."""
    if value == row.smallest:
        return f"at most {row.smallest:,.0f}"
    return f"{value:,.0f}" if np.isfinite(value) else f"more than {row.largest:,.0f}"


def _differences(rows: pd.DataFrame, keys: tuple[str, ...]) -> str:
    return "; ".join(
        f"{', '.join(_words(row[key]) for key in keys)} "
        f"{Interval.from_columns(row, ('difference', 'low', 'high'), row['seeds']):.2f}"
        for row in rows.to_dict("records")
    )


def _ranges(rows: pd.DataFrame, keys: tuple[str, ...]) -> str:
    return "; ".join(
        f"{', '.join(_words(row[key]) for key in keys)} "
        f"{Interval.of_row(row, 'width', row['seeds']):.2f}{_censored(row)}"
        for row in rows.to_dict("records")
    )


def _words(name: Any) -> str:
    return str(name).replace("_", " ")


def _censored(row: dict[Any, Any]) -> str:
    return ", censored" if row["low_censored"] or row["high_censored"] else ""
