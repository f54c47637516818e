"""The three policies at which gradients are studied: untrained, half-trained, trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pgpipe.rollout import policy_for
from pgpipe.seeding import stream
from pgpipe.training.loop import train


@dataclass(frozen=True)
class Snapshot:
    """A policy on its way: its stage, its parameters (P,), and where in its training they stood."""

    policy: str
    theta: Tensor
    update: int
    mean_return: float


def untrained(spec: Mapping[str, Any]) -> list[Snapshot]:
    """The policy that seed 0 starts from, for an environment that no recipe trains."""
    environment = spec["environment"]
    start = policy_for(environment).initial(stream(spec["seed"], environment["name"], "initial", 0))
    return [Snapshot("untrained", start, 0, torch.nan)]


def take_snapshots(spec: Mapping[str, Any]) -> list[Snapshot]:
    """Train seed 0 by a recipe's spec; return its untrained, half-trained and trained policy."""
    history = list(train(spec, [0]))
    returns = torch.cat([progress.mean_return for progress in history])
    return [
        Snapshot(policy, history[update].theta[0], update, float(returns[update]))
        for policy, update in pick_updates(returns).items()
    ]


def pick_updates(returns: Tensor) -> dict[str, int]:
    """The update of each stage, from the mean return after every update (U + 1,).

    Half-trained is the first update whose return has passed the midpoint between the first and the last one.
    What comes after a divergence (NaN) is no policy: trained is the last update before it.
    """
    alive = max(1, int(returns.isfinite().long().cumprod(0).sum()))
    first, last = returns[0], returns[alive - 1]
    midpoint = (first + last) / 2
    passed = returns[:alive] >= midpoint if last >= first else returns[:alive] <= midpoint
    return {"untrained": 0, "half_trained": int(passed.long().argmax()), "trained": alive - 1}
