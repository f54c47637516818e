"""How final returns are spread over the seeds, and over environments: performance profiles (P7)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgpipe.lecture.variance_reduction.learning import final_returns
from pgpipe.seeding import stream
from pgpipe.statistics import (
    bootstrap_interval,
    interquartile_mean,
    performance_profile,
    stratified_interquartile_mean,
    stratified_resamples,
)

Floats = NDArray[np.float64]

# The row of all environments together.
ALL = "all"

POINTS = 101  # thresholds of a profile

PROFILES = ["environment", "recipe", "estimator", "threshold", "share", "low", "high", "n"]
SCORES = ["estimator", "environments", "n", "iqm", "low", "high"]


def performance(
    curves: pd.DataFrame, estimators: Mapping[str, str], resamples: int, seed: int
) -> dict[str, pd.DataFrame]:
    """The tables `learning_profiles`, by environment and over all, and `learning_scores`, over all.

    Over all environments a score takes the place of the return, 0 for the untrained policy and 1 for the best
    recipe, and an estimator that of a recipe; there are rows for those that every environment in which
    something was learned has.
    """
    finals = final_returns(curves).assign(estimator=lambda rows: rows["recipe"].map(estimators))
    profiles = []
    for (environment, recipe), rows in finals.groupby(["environment", "recipe"], sort=False):
        in_environment = finals.loc[finals["environment"] == environment, "final_return"]
        thresholds = np.linspace(in_environment.min(), in_environment.max(), POINTS)
        rng = stream(seed, "profiles", str(recipe))
        profile = _profile([rows["final_return"].to_numpy()], thresholds, resamples, rng)
        names = {"environment": environment, "recipe": recipe, "estimator": rows["estimator"].iloc[0]}
        profiles.append(profile.assign(**names))
    together, scores = _over_all(_scored(finals, curves), resamples, seed)
    return {
        "learning_profiles": pd.concat([*profiles, *together], ignore_index=True)[PROFILES],
        "learning_scores": pd.DataFrame(scores, columns=SCORES),
    }


def _over_all(
    finals: pd.DataFrame, resamples: int, seed: int
) -> tuple[list[pd.DataFrame], list[tuple[str, int, int, float, float, float]]]:
    """Profiles and interquartile means of the estimators that more than one, and every, environment has."""
    environments = finals["environment"].unique()
    profiles, scores = [], []
    for estimator, rows in finals.groupby("estimator", sort=False):
        by_environment = {e: own["score"].to_numpy() for e, own in rows.groupby("environment", sort=False)}
        if len(by_environment) == len(environments) > 1:
            strata = list(by_environment.values())
            rng = stream(seed, "scores", str(estimator))
            iqm = stratified_interquartile_mean(strata, resamples, rng)
            scores.append((str(estimator), len(strata), iqm.n, iqm.estimate, iqm.low, iqm.high))
            profile = _profile(strata, np.linspace(0, 1, POINTS), resamples, rng)
            profiles.append(profile.assign(environment=ALL, recipe=estimator, estimator=estimator))
    return profiles, scores


def _profile(
    strata: list[Floats], thresholds: Floats, resamples: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Share of the seeds above every threshold, with its 95 % interval at each; none for a group of one."""
    shares = performance_profile(stratified_resamples(strata, resamples, rng), thresholds)  # (T, B)
    values = np.concatenate(strata)
    if min(map(len, strata)) < 2:
        shares = np.full_like(shares, np.nan)
    found = zip(performance_profile(values, thresholds), shares, strict=True)
    intervals = [bootstrap_interval(share, row, len(values)) for share, row in found]
    profile = pd.DataFrame([interval.named("share", "low", "high") for interval in intervals])
    profile.insert(0, "threshold", thresholds)
    return profile.assign(n=len(values))


def _scored(finals: pd.DataFrame, curves: pd.DataFrame) -> pd.DataFrame:
    """The first recipe of every estimator in an environment, with the score of each seed.

    Where no recipe ends above the untrained policy there are no scores: the worst would have the highest.
    """
    firsts = finals.groupby(["environment", "estimator"], sort=False)["recipe"].transform("first")
    rows = finals[finals["recipe"] == firsts]
    parts = []
    for environment, own in rows.groupby("environment", sort=False):
        start = curves.loc[(curves["environment"] == environment) & (curves["update"] == 0), "mean_return"]
        untrained = float(interquartile_mean(start.to_numpy()))
        seeds = own.groupby("recipe")["final_return"]
        best = max(float(interquartile_mean(returns.to_numpy())) for _, returns in seeds)
        if best > untrained:
            parts.append(own.assign(score=(own["final_return"] - untrained) / (best - untrained)))
    return pd.concat(parts) if parts else rows.iloc[:0].assign(score=np.nan)
