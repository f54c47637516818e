"""What learning curves of many seeds say together: interquartile means, who beats whom (P6, P7)."""

from collections.abc import Mapping
from itertools import permutations

import numpy as np
import pandas as pd

from pgpipe.seeding import stream
from pgpipe.statistics import (
    bootstrap_interval,
    interquartile_mean_intervals,
    probability_of_improvement,
)

# The last tenth of the updates, over which a seed's final return is averaged.
FINAL = 0.1

IMPROVEMENT = ["environment", "recipe", "other", "probability", "low", "high", "n", "n_other"]


def learning_summary(
    curves: pd.DataFrame, estimators: Mapping[str, str], resamples: int, seed: int
) -> pd.DataFrame:
    """One row for each recipe and update: interquartile mean of the seeds' mean returns, 95 % interval.

    `curves` has the columns environment, recipe, seed, update, env_steps, mean_return; a seed that diverged
    has NaN, counts as the worst, and is counted in `diverged`. `estimators` names each recipe's estimator.
    """
    rows = []
    for (environment, recipe), group in curves.groupby(["environment", "recipe"], sort=False):
        returns = group.pivot_table(index="seed", columns="update", values="mean_return", dropna=False)
        rng = stream(seed, "learning", str(recipe))
        means = interquartile_mean_intervals(returns.to_numpy(), resamples, rng)
        rows.append(
            pd.DataFrame(
                {
                    "environment": environment,
                    "estimator": estimators[str(recipe)],
                    "recipe": recipe,
                    "update": returns.columns,
                    "env_steps": group.groupby("update")["env_steps"].mean().to_numpy(),
                    "seeds": len(returns),
                    **pd.DataFrame([mean.named("iqm", "low", "high") for mean in means]),
                    "diverged": returns.isna().sum().to_numpy(),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def final_returns(curves: pd.DataFrame) -> pd.DataFrame:
    """Mean return of every seed over the last tenth of its updates; NaN if it diverged.  A row a seed."""
    last = curves.groupby("recipe")["update"].transform("max")
    window = curves[curves["update"] > (1 - FINAL) * last]
    seeds = window.groupby(["environment", "recipe", "seed"], sort=False)["mean_return"]
    return seeds.agg(lambda returns: returns.mean(skipna=False)).rename("final_return").reset_index()


def compare_recipes(curves: pd.DataFrame, resamples: int, seed: int) -> pd.DataFrame:
    """For every two recipes of an environment the probability that a seed of one ends above one of the other.

    Rows of `learning_improvement.csv`; the 95 % bootstrap interval resamples the seeds of both recipes.
    """
    finals = final_returns(curves)
    rows = []
    for environment, group in finals.groupby("environment", sort=False):
        by_recipe = {name: g["final_return"].to_numpy() for name, g in group.groupby("recipe", sort=False)}
        for (recipe, x), (other, y) in permutations(by_recipe.items(), 2):
            rng = stream(seed, "improvement", str(recipe), str(other))
            draws = [
                probability_of_improvement(rng.choice(x, len(x)), rng.choice(y, len(y)))
                for _ in range(resamples)
            ]
            above = bootstrap_interval(probability_of_improvement(x, y), np.array(draws), len(x))
            found = (above.estimate, above.low, above.high)
            rows.append((environment, recipe, other, *found, len(x), len(y)))
    return pd.DataFrame(rows, columns=IMPROVEMENT)
