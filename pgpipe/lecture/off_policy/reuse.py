"""What it brings to step several times from each batch, by form of importance weights (P11)."""

import numpy as np
import pandas as pd
from typing_extensions import TypedDict

from pgpipe.seeding import stream
from pgpipe.statistics import interquartile_mean_intervals
from pgpipe.training.loop import train
from pgpipe.training.spec import TrainingSpec


class ReuseSpec(TypedDict):
    """A training with one estimator, and how many updates from a batch are tried."""

    estimator_name: str
    training: TrainingSpec
    reuse: list[int]
    seeds: list[int]
    resamples: int


def train_reuse(spec: ReuseSpec) -> dict[str, pd.DataFrame]:
    """Train with every batch used several times over, by one form of importance weights."""
    curves = reuse_curves(spec)
    return {"reuse_curves": curves, "reuse_summary": reuse_summary(spec, curves)}


def reuse_curves(spec: ReuseSpec) -> pd.DataFrame:
    """Rows of `reuse_curves.csv`: mean return by batch, for every number of updates from one and seed."""
    environment, parts = spec["training"]["environment"]["name"], []
    for reuse in spec["reuse"]:
        for progress in train({**spec["training"], "reuse": reuse}, spec["seeds"]):
            columns = {
                "seed": spec["seeds"],
                "env_steps": progress.env_steps,
                "mean_return": progress.mean_return,
            }
            parts.append(pd.DataFrame(columns).assign(reuse=reuse, batch=progress.update))
    curves = pd.concat(parts).assign(environment=environment, estimator=spec["estimator_name"])
    order = ["environment", "estimator", "reuse", "seed", "batch", "env_steps", "mean_return"]
    return curves.sort_values(["reuse", "seed", "batch"])[order]


def reuse_summary(spec: ReuseSpec, curves: pd.DataFrame) -> pd.DataFrame:
    """Rows of `reuse_summary.csv`: the interquartile mean over seeds after every batch, and its interval.

    `env_steps` is the mean over seeds; a seed that diverged counts as the worst.
    """
    parts = []
    for reuse, rows in curves.groupby("reuse", sort=True):
        returns = rows.sort_values(["seed", "batch"])["mean_return"].to_numpy()
        returns = returns.reshape(-1, rows["batch"].nunique())  # (seeds, batches)
        rng = stream(spec["training"]["seed"], "reuse", spec["estimator_name"], int(reuse))
        means = interquartile_mean_intervals(returns, spec["resamples"], rng)
        parts.append(
            pd.DataFrame({"batch": np.arange(returns.shape[1])}).assign(
                reuse=reuse,
                env_steps=rows.groupby("batch")["env_steps"].mean().to_numpy(),
                **pd.DataFrame([mean.named("iqm", "low", "high") for mean in means]),
                seeds=len(returns),
                diverged=int(np.isnan(returns[:, -1]).sum()),
            )
        )
    name = spec["training"]["environment"]["name"]
    table = pd.concat(parts).assign(environment=name, estimator=spec["estimator_name"])
    order = ["environment", "estimator", "reuse", "batch", "env_steps", "iqm", "low", "high"]
    return table[[*order, "seeds", "diverged"]]
