"""Does a dataset hold what a target does?  Actions never taken, worn-out weights, a mean that is not 1."""

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pgpipe.envs.parallel import make_rows
from pgpipe.lecture.off_policy.problem import Problem, Target
from pgpipe.lecture.off_policy.weights import LEAST_SHARE
from pgpipe.trajectories import Trajectories

# A warning from this share of a target's actions on, and from so many standard errors of the mean weight.
MISSED, FAR = 0.01, 4.0
NORMAL = 1.96  # standard errors in half an interval


def support_row(
    problem: Problem, target: Target, batch: Trajectories, weights: pd.DataFrame
) -> dict[str, Any]:
    """A row of `off_policy_support.csv`, from episodes (N, T) and the weights at each number of steps."""
    last = weights.iloc[-1]
    missed = never_taken(problem, target.theta, batch)
    worn = weights.loc[weights["effective_share"] < LEAST_SHARE, "horizon"]
    row = {
        "direction": target.direction,
        "distance": target.distance,
        "kl": last["kl"],
        "horizon": int(last["horizon"]),
        "effective_share": last["effective_share"],
        "worn_at": float(worn.iloc[0]) if len(worn) else np.nan,
        "growth": float(np.log(last["second_moment"]) / last["horizon"]),
        "never_taken": missed,
        "mean_weight": last["mean"],
        "mean_weight_low": last["mean_low"],
        "mean_weight_high": last["mean_high"],
        "n": int(last["n"]),
    }
    return row | {"warning": "; ".join(_warnings(row))}


def _warnings(row: dict[str, Any]) -> list[str]:
    """What a reader has to know before an estimate by these weights is believed."""
    found = []
    if row["effective_share"] < LEAST_SHARE:
        found.append(f"effective sample size under 10 % from step {row['worn_at']:.0f} on")
    if row["never_taken"] > MISSED:
        found.append(f"{row['never_taken']:.0%} of its actions are never taken in the data")
    error = (row["mean_weight_high"] - row["mean_weight"]) / NORMAL
    if abs(row["mean_weight"] - 1) > FAR * error:
        found.append(f"the mean weight is {row['mean_weight']:.3g}, and should be 1")
    return found


def never_taken(problem: Problem, theta: Tensor, batch: Trajectories) -> float:
    """The share of actions that θ' chooses along the episodes and the data never do.

    Never in that observation where there are few of them, as in a table; else nowhere. NaN where an action is
    not one choice of some.
    """
    actions = batch.actions[batch.mask]
    if actions.is_floating_point() or actions.ndim > 1:
        return np.nan
    obs = batch.obs[batch.mask]
    cells, cell = obs.unique(dim=0, return_inverse=True)
    if problem.environment["policy"]["kind"] != "softmax_table":
        cells, cell = cells[:1], torch.zeros_like(cell)
    n = _n_actions(problem)
    taken = torch.zeros(len(cells), n, dtype=torch.bool)
    taken[cell, actions] = True
    chances = torch.stack(
        [problem.policy.log_prob(theta, obs, torch.full_like(actions, a)).exp() for a in range(n)], -1
    )
    return float((chances * ~taken[cell]).sum(-1).double().mean())


def _n_actions(problem: Problem) -> int:
    """How many actions there are to choose from."""
    one = make_rows(problem.environment, 1)
    one.close()
    return int(one.single_action_space.n)
