"""What learning curves of many seeds say together: interquartile mean and its interval (P6)."""

from collections.abc import Mapping

import pandas as pd

from pgpipe.seeding import stream
from pgpipe.statistics import interquartile_mean, interquartile_mean_interval


def summarise_learning(
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
        low, high = interquartile_mean_interval(returns.to_numpy(), resamples, rng)
        rows.append(
            pd.DataFrame(
                {
                    "environment": environment,
                    "estimator": estimators[str(recipe)],
                    "recipe": recipe,
                    "update": returns.columns,
                    "env_steps": group.groupby("update")["env_steps"].mean().to_numpy(),
                    "seeds": len(returns),
                    "iqm": interquartile_mean(returns.to_numpy()),
                    "low": low,
                    "high": high,
                    "diverged": returns.isna().sum().to_numpy(),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)
