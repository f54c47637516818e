"""What one gradient step does to the trajectories it was computed from (C5, C29, F2, F6).

The policy gradient is the maximum-likelihood gradient with each trajectory weighted:
ĝ = (1/N) Σ_i w_i ∇log p_θ(τ_i). Three weightings are compared, each by a step of the same length.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.stats import rankdata
from torch import Tensor

from pgpipe.envs.quantities import traced
from pgpipe.estimators.baselines.mean import mean
from pgpipe.estimators.scores import trajectory_gradients
from pgpipe.estimators.signals.total_return import total_return
from pgpipe.lecture.common.maximum_likelihood import likelihood_gradient
from pgpipe.lecture.common.placing import placed
from pgpipe.lecture.what_the_gradient_does.replicates import StepsSpec, sampled_batches, stage_policies
from pgpipe.policies.policy import Policy
from pgpipe.rollout import policy_for
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories


def measure_steps(spec: StepsSpec) -> dict[str, pd.DataFrame]:
    """One gradient step from each batch of several seeds' policies, by three weightings, and what it did."""
    place = {"environment": spec["environment"]["name"], "policy": spec["policy"]}
    tables = step_tables(stage_policies(spec), spec)
    return {f"step_{name}": placed(table, place) for name, table in tables.items()}


def step_tables(thetas: Tensor, spec: StepsSpec) -> dict[str, pd.DataFrame]:
    """The study's tables at thetas (K, P): every batch, and the trajectories of the very first one."""
    environment, gamma = spec["environment"], spec["environment"]["gamma"]
    policy, rows, batches = policy_for(environment), [], []
    for seed, theta in enumerate(thetas.double()):
        batches = sampled_batches(thetas[seed], spec, seed)
        if seed == 0:
            trajectories = trajectory_rows(policy, theta, batches[0], gamma, spec["length"])
            traces = trace_rows(batches[0], gamma, environment["id"])
        for i, batch in enumerate(batches):
            rng = stream(spec["seed"], environment["name"], "steps", spec["policy"], seed, i)
            rows += [{"seed": seed, "batch": i} | row for row in batch_rows(policy, theta, batch, spec, rng)]
    return {"batches": pd.DataFrame(rows), "trajectories": trajectories, "traces": traces}


def weightings(batch: Trajectories, gamma: float) -> dict[str, Tensor]:
    """What multiplies ∇log p_θ(τ_i): 1 (maximum likelihood), r(τ_i) (E11), r(τ_i) - b (E19).  (N, T) -> (N,).

    The baseline is the mean of the others.
    """
    credit = total_return(batch, gamma)  # (N, 1)
    advantage = credit - mean(credit, torch.ones_like(credit))
    return {
        "likelihood": torch.ones_like(credit[:, 0]),
        "total_return": credit[:, 0],
        "return_minus_mean": advantage[:, 0],
    }


def step_along(scores: Tensor, weights: Tensor, length: float) -> Tensor:
    """Δθ = ℓ ĝ/‖ĝ‖, ĝ = (1/N) Σ_i w_i ∇log p_θ(τ_i).  scores (N, P), weights (N,) -> (P,).

    Zero where ĝ is zero.
    """
    gradient = weights @ scores / len(scores)
    return length * torch.nn.functional.normalize(gradient, dim=0)


def action_changes(policy: Policy, theta: Tensor, batch: Trajectories) -> Callable[[Tensor], Tensor]:
    """Δθ -> log π_{θ+Δθ}(a_t|s_t) - log π_θ(a_t|s_t) of every action taken, (N, T), zero on padding."""
    obs, actions = batch.obs[batch.mask], batch.actions[batch.mask]
    before = policy.log_prob(theta, obs, actions)

    def after(step: Tensor) -> Tensor:
        change = policy.log_prob(theta + step, obs, actions) - before
        return torch.zeros_like(batch.rewards).masked_scatter(batch.mask, change)

    return after


def rank_correlation(x: Tensor, y: Tensor) -> float:
    """Spearman's correlation of x and y (N,); NaN where one of them never differs."""
    ranks = np.stack([rankdata(x.numpy()), rankdata(y.numpy())])
    centred = ranks - ranks.mean(1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1)
    return float(centred[0] @ centred[1] / norms.prod()) if norms.all() else float("nan")


def marks(returns: Tensor) -> list[str]:
    """Good, neutral or bad: the upper, middle and lower third of the batch by return.  (N,) -> N words."""
    lower, upper = torch.quantile(returns, torch.tensor([1 / 3, 2 / 3], dtype=returns.dtype))
    return ["good" if r > upper else "bad" if r < lower else "neutral" for r in returns]


def trajectory_rows(
    policy: Policy, theta: Tensor, batch: Trajectories, gamma: float, length: float
) -> pd.DataFrame:
    """One row for each trajectory and weighting: how one step moved log p_θ(τ), and Δθ·∇log p_θ(τ)."""
    scores = trajectory_gradients(policy, theta, batch, batch.mask.double())
    returns, changes = batch.discounted_returns(gamma), action_changes(policy, theta, batch)
    tables = []
    for name, weights in weightings(batch, gamma).items():
        step = step_along(scores, weights, length)
        columns = {
            "trajectory": range(len(returns)),
            "steps": batch.mask.sum(-1),
            "return": returns,
            "mark": marks(returns),
            "weighting": name,
            "weight": weights,
            "change": changes(step).sum(-1),
            "first_order": scores @ step,
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables)


def trace_rows(batch: Trajectories, gamma: float, id: str) -> pd.DataFrame:
    """One number of the observation over time, for every trajectory."""
    words = marks(batch.discounted_returns(gamma))
    trajectory, step = torch.nonzero(batch.mask, as_tuple=True)
    quantity, values = traced(id, batch.obs)
    return pd.DataFrame(
        {
            "trajectory": trajectory,
            "mark": [words[i] for i in trajectory],
            "step": step,
            "quantity": quantity,
            "value": values[batch.mask],
        }
    )


def batch_rows(
    policy: Policy, theta: Tensor, batch: Trajectories, spec: StepsSpec, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """One row for each weighting: does a step move log p_θ(τ) in the order of the returns?

    `correlation` is Spearman's between the returns and the changes of log p_θ(τ); `permuted` is its mean
    where the returns are dealt out anew and then weight *and* rank the trajectories: as trajectories share
    parameters, and each pulls itself along, that is not zero. `likelihood_difference` compares the gradient
    with all weights one with that of supervised learning.
    """
    gamma, length = spec["environment"]["gamma"], spec["length"]
    scores = trajectory_gradients(policy, theta, batch, batch.mask.double())
    reference = likelihood_gradient(policy, theta, batch)
    difference = (scores.mean(0) - reference).norm() / reference.norm()
    returns, changes = batch.discounted_returns(gamma), action_changes(policy, theta, batch)
    orders = [torch.as_tensor(rng.permutation(len(returns))) for _ in range(spec["permutations"])]
    rows = []
    for name, weights in weightings(batch, gamma).items():
        change = changes(step_along(scores, weights, length))
        permuted = [
            # weights that are all alike make the same step in every order
            (
                returns[order],
                change if name == "likelihood" else changes(step_along(scores, weights[order], length)),
            )
            for order in orders
        ]
        rows.append(
            {
                "weighting": name,
                "correlation": rank_correlation(returns, change.sum(-1)),
                "permuted": float(
                    np.mean([rank_correlation(dealt, moved.sum(-1)) for dealt, moved in permuted])
                ),
                "mean_change": float(change[batch.mask].mean()),
                "share_raised": float((change[batch.mask] > 0).double().mean()),
                "actions": int(batch.mask.sum()),
                "likelihood_difference": float(difference),
            }
        )
    return rows
