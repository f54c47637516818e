"""Noise of the policy gradient beside that of supervised learning (C18)."""

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import below_together, lacking, lowest_of
from pgpipe.lecture.common.evidence import Claim, verdict
from pgpipe.lecture.practice.claims._words import cases_of, interval_of, seeds_needed, stage_words
from pgpipe.statistics import mean_interval

COSINE = "cosine between two batches, supervised minus policy gradient"


def c18(gradient_noise: pd.DataFrame) -> Claim:
    """The policy gradient is noisier than the supervised one."""
    rows = _paired(gradient_noise)
    above, below = rows["low"] > 0, below_together(rows, "difference", 0.0)
    names = [stage_words(*key) for key in zip(rows["environment"], rows["stage"], strict=True)]
    intervals = [interval_of(row, "difference") for row in rows.to_dict("records")]
    cases = cases_of(names, intervals, above, below, COSINE)
    lowest = lowest_of(cases)
    found = verdict(supported=len(rows) > 0 and bool(above.all()), refuted=bool(below.any()))
    return Claim(
        test="The mean cosine between two independent batches' gradients, supervised minus policy gradient, "
        "with the same network, start and batch size, where both have reached the same share of one "
        f"teacher's return, in {len(rows)} cases (environment and stage). Each seed is a separately trained "
        "policy.",
        found=_found(rows, names, gradient_noise),
        rule="Supported if the 95 % interval over seeds lies above 0 in every case; refuted if one lies "
        f"below 0 at 5 % over all {len(rows)} cases together (Bonferroni).",
        quantity=COSINE + (f", lowest of {len(rows)} cases: {lowest.name}" if lowest else ""),
        interval=lowest.interval if lowest else Interval.unknown(int(rows["n"].max()) if len(rows) else 0),
        n_counts="seeds",
        verdict=found,
        figure="P15",
        reason=_reason(rows.assign(name=names), above, below, found),
        lacks=lacking(
            (rows.empty, "no stage that a seed reached by both kinds of learning"),
            (
                bool((rows["n"] < 2).any()),
                "stages that fewer than two seeds reached by both kinds of learning",
            ),
        ),
        cases=cases,
    )


def _differences(noise: pd.DataFrame) -> pd.Series:
    """Supervised minus policy gradient, by environment, stage and seed, for seeds that got there by both."""
    wide = noise.pivot_table(index=["environment", "stage", "seed"], columns="learner", values="cosine")
    wide = wide.reindex(columns=["supervised", "policy_gradient"]).dropna()
    return wide["supervised"] - wide["policy_gradient"]


def _paired(noise: pd.DataFrame) -> pd.DataFrame:
    """Mean difference of cosines with its interval over seeds, by environment and stage."""
    found = [
        {"environment": environment, "stage": stage}
        | mean_interval(group.to_numpy()).named("difference", "low", "high")
        | {"n": len(group)}
        for (environment, stage), group in _differences(noise).groupby(level=[0, 1], sort=False)
    ]
    return pd.DataFrame(found, columns=["environment", "stage", "difference", "low", "high", "n"])


def _found(rows: pd.DataFrame, names: list[str], noise: pd.DataFrame) -> str:
    if rows["difference"].isna().all():
        return "Nothing to compare."
    least, most = (rows["difference"].reset_index(drop=True).agg(end) for end in ("idxmin", "idxmax"))
    sums = noise.groupby(["environment", "stage", "learner"])[["signal", "variance"]].mean()
    snr = (sums["signal"] / sums["variance"]).rename("snr").reset_index()
    snr = snr.pivot_table("snr", ["environment", "stage"], "learner")
    snr = snr.reindex(columns=["supervised", "policy_gradient"]).dropna()
    ratio = (snr["supervised"] / snr["policy_gradient"])[snr["policy_gradient"] > 0]
    return (
        f"The supervised cosine is higher by {rows['difference'].iloc[least]:.2f} ({names[least]}) to "
        f"{rows['difference'].iloc[most]:.2f} ({names[most]}). Its signal-to-noise ratio is "
        f"{ratio.min():.0f} to {ratio.max():.0f} times that of the policy gradient."
    )


def _reason(rows: pd.DataFrame, above: pd.Series, below: pd.Series, found: str) -> str:
    if found == "supported" or rows["difference"].isna().any() or rows.empty:
        return ""
    if found == "refuted":
        row = rows[below].sort_values("high").iloc[0]
        return (
            f"The policy gradient is the less noisy one on {row['name']}: its cosine is higher by "
            f"{-row['difference']:.2f}."
        )
    row = rows[~above].iloc[0]
    needed = seeds_needed(row["difference"], row["low"], row["n"])
    return (
        f"On {row['name']} the difference, {row['difference']:.2f}, cannot be told from 0; {needed} seeds "
        "would do, if it is as large as it looks."
    )
