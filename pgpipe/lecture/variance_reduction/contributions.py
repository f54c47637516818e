"""What each trajectory adds to a gradient estimate, in problems so small that all can be shown (C8, C10)."""

from collections.abc import Mapping
from importlib import import_module
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles.outcomes import Outcomes

Floats = NDArray[np.float64]

# More trajectories than this are no tree that can be read.
MOST = 8

CREDITS = ("total_return", "return_mean", "reward_to_go")
COLUMNS = (
    "environment",
    "policy",
    "trajectory",
    "probability",
    "step",
    "action",
    "reward",
    "score",
    *CREDITS,
)


class ContributionsSpec(TypedDict):
    """An environment with two actions, whose outcomes the `module` lists."""

    environment: EnvironmentSpec
    module: str


def list_contributions(spec: ContributionsSpec, policies: Mapping[str, Tensor]) -> pd.DataFrame:
    """Rows of `listed_contributions.csv` for the untrained policy; none if there are too many trajectories.

    A step adds score × credit, with the score by the logit of action 1: that by the other is its negative.
    """
    oracle: Any = import_module(spec["module"])
    environment, policy = spec["environment"], "untrained"
    outcomes = oracle.outcomes(policies[policy].numpy(), environment)
    place, rows = (environment["name"], policy), []
    if outcomes is not None and len(outcomes.probabilities) <= MOST:
        score = outcomes.scores[..., -1]
        credits = credits_of(outcomes, environment["gamma"])
        for i, t in product(*map(range, score.shape)):
            if outcomes.mask[i, t]:
                step = (t, int(score[i, t] > 0), outcomes.rewards[i, t], score[i, t])
                added = (score[i, t] * credit[i, t] + 0.0 for credit in credits)  # no -0
                rows.append((*place, i, outcomes.probabilities[i], *step, *added))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def credits_of(outcomes: Outcomes, gamma: float) -> tuple[Floats, Floats, Floats]:
    """Discounted return, return less its mean E[r], and γᵗ times the reward to go, for each step.  (M, T)."""
    discounted = outcomes.rewards * gamma ** np.arange(outcomes.rewards.shape[1])
    to_go = discounted[:, ::-1].cumsum(1)[:, ::-1]
    total = np.broadcast_to(to_go[:, :1], to_go.shape)
    return total, total - outcomes.mean(total[:, 0]), to_go
