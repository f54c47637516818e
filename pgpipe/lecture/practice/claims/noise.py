"""Noise of the policy gradient beside that of supervised learning (C18)."""

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import below_together, lacking
from pgpipe.lecture.common.evidence import Claim, verdict
from pgpipe.lecture.practice.claims._words import cases_of, seeds_needed, stage_words
from pgpipe.statistics import mean_interval, normal_interval


def c18(gradient_noise: pd.DataFrame) -> Claim:
    """The policy gradient is noisier than the supervised one."""
    rows = _paired(gradient_noise)
    above, below = rows["low"] > 0, below_together(rows, "difference", 0.0)
    names = [stage_words(*key) for key in zip(rows["environment"], rows["stage"], strict=True)]
    found = verdict(supported=len(rows) > 0 and bool(above.all()), refuted=bool(below.any()))
    return Claim(
        test="The mean cosine between two independent batches' gradients, supervised less policy gradient, "
        "with the same network, start and batch size, where both have come equally far towards one teacher's "
        f"return, in {len(rows)} cases (environment and stage). Each seed is a policy of its own.",
        found=_found(rows, names, gradient_noise),
        rule="Supported if the 95 % interval over seeds lies above 0 in every case; refuted if one lies "
        f"below 0 at 5 % over all {len(rows)} cases together (Bonferroni).",
        quantity="cosine between two batches, supervised less policy gradient, mean over the cases",
        interval=_mean_over_cases(rows, gradient_noise),
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
        cases=cases_of(names, rows, "difference", above, below),
    )


def _differences(noise: pd.DataFrame) -> pd.Series:
    """Supervised less policy gradient, by environment, stage and seed, for seeds that got there by both."""
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


def _mean_over_cases(rows: pd.DataFrame, noise: pd.DataFrame) -> Interval:
    """The mean of all cases.  A seed's stages share its history: they are one value for each environment."""
    by_seed = _differences(noise).groupby(level=["environment", "seed"]).mean()
    each = [group.to_numpy() for _, group in by_seed.groupby(level="environment")]
    if not each or min(map(len, each)) < 2:
        return Interval.unknown(len(by_seed))
    error = sum(values.var(ddof=1) / len(values) for values in each) ** 0.5 / len(each)
    return normal_interval(float(sum(values.mean() for values in each)) / len(each), error, len(by_seed))


def _found(rows: pd.DataFrame, names: list[str], noise: pd.DataFrame) -> str:
    if rows["difference"].isna().all():
        return "Nothing to compare."
    least, most = (rows["difference"].reset_index(drop=True).agg(end) for end in ("idxmin", "idxmax"))
    sums = noise.groupby(["environment", "stage", "learner"])[["signal", "variance"]].mean()
    snr = (sums["signal"] / sums["variance"]).rename("snr").reset_index()
    snr = snr.pivot_table("snr", ["environment", "stage"], "learner").dropna()
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
