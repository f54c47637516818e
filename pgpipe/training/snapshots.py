"""The three policies at which gradients are studied: untrained, half-trained, trained."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import SampledSpec
from pgpipe.rollout import policy_for
from pgpipe.seeding import stream
from pgpipe.training.loop import Training
from pgpipe.training.spec import TrainingSpec


class SnapshotsSpec(TypedDict):
    """The recipe that trains an environment's policies."""

    recipe: str
    training: TrainingSpec


class UntrainedSpec(TypedDict):
    """The environment alone, which no recipe trains in."""

    recipe: None
    training: SampledSpec


@dataclass(frozen=True)
class Snapshot:
    """A policy on its way: its stage, its parameters (P,), and where in its training they stood.

    `diverged_at` is the first update at which the training had no numbers left, or None if it always had, or
    if it was the environment that gave none.
    """

    policy: str
    theta: Tensor
    update: int
    mean_return: float
    diverged_at: int | None = None


def train_snapshots(spec: SnapshotsSpec | UntrainedSpec) -> dict[str, Any]:
    """Train seed 0 of an environment's reference recipe; the policies at which gradients are studied."""
    snapshots = untrained(spec["training"]) if spec["recipe"] is None else take_snapshots(spec["training"])
    environment = spec["training"]["environment"]["name"]
    rows = [
        (environment, s.policy, spec["recipe"], s.update, s.mean_return, s.diverged_at) for s in snapshots
    ]
    columns = ["environment", "policy", "recipe", "update", "mean_return", "diverged_at"]
    return {
        "policies": {snapshot.policy: snapshot.theta for snapshot in snapshots},
        "table": pd.DataFrame(rows, columns=columns),
    }


def untrained(spec: SampledSpec) -> list[Snapshot]:
    """The policy that seed 0 starts from, for an environment that no recipe trains."""
    environment = spec["environment"]
    start = policy_for(environment).initial(stream(spec["seed"], environment["name"], "initial", 0))
    return [Snapshot("untrained", start, 0, torch.nan)]


def take_snapshots(spec: TrainingSpec) -> list[Snapshot]:
    """Train seed 0 by a recipe's spec; return its untrained, half-trained and trained policy."""
    training = Training(spec, [0])
    history = [updated.progress() for updated in training.updates()]
    returns = torch.cat([progress.mean_return for progress in history])
    lost = [update for update, finite in enumerate(returns.isfinite().tolist()) if not finite]
    diverged_at = None if training.stopped else min(lost, default=None)
    return [
        # a copy of the parameters: two stages may be the same update
        Snapshot(stage, history[update].theta[0].clone(), update, float(returns[update]), diverged_at)
        for stage, update in pick_updates(returns).items()
    ]


def pick_updates(returns: Tensor) -> dict[str, int]:
    """The update of each stage, from the mean return after every update (U + 1,).

    Trained is the last update; if the training diverged (NaN or infinite), the best one before that.
    Half-trained is the first update whose return has passed the midpoint between the first and the last.
    """
    alive = max(1, int(returns.isfinite().long().cumprod(0).sum()))
    trained = alive - 1 if alive == len(returns) else int(returns[:alive].argmax())
    midpoint = (returns[0] + returns[trained]) / 2
    up = returns[trained] >= returns[0]
    passed = returns[: trained + 1] >= midpoint if up else returns[: trained + 1] <= midpoint
    return {"untrained": 0, "half_trained": int(passed.long().argmax()), "trained": trained}
