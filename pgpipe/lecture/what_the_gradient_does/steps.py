"""What one gradient step does to the trajectories it was computed from (C5, C29, F2, F6).

The policy gradient is the maximum-likelihood gradient with each trajectory weighted:
ĝ = (1/N) Σ_i w_i ∇log p_θ(τ_i). Three weightings are compared, each by a step of the same length.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.stats import rankdata
from torch import Tensor

from pgpipe.envs.quantities import traced
from pgpipe.envs.spec import SampledSpec
from pgpipe.estimators.baselines.mean import mean
from pgpipe.estimators.scores import trajectory_gradients
from pgpipe.estimators.signals.total_return import total_return
from pgpipe.lecture.common.maximum_likelihood import likelihood_gradient
from pgpipe.lecture.common.placing import placed
from pgpipe.policies.policy import Policy
from pgpipe.policies.spec import Stage
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories


class StepsSpec(SampledSpec):
    """At which stage of training steps of which length are taken, and from how many batches."""

    policy: Stage
    episodes: int
    batches: int
    permutations: int
    length: float


def measure_steps(spec: StepsSpec, policies: Mapping[str, Tensor]) -> dict[str, pd.DataFrame]:
    """One gradient step from each batch, by three weightings, and what it did to the batch's trajectories."""
    place = {"environment": spec["environment"]["name"], "policy": spec["policy"]}
    tables = step_tables(policies[spec["policy"]], spec)
    return {f"step_{name}": placed(table, place) for name, table in tables.items()}


def step_tables(theta: Tensor, spec: StepsSpec) -> dict[str, pd.DataFrame]:
    """The study's tables at theta (P,): every batch, and the trajectories of the first one."""
    environment, seed, length = spec["environment"], spec["seed"], spec["length"]
    policy, gamma, theta = policy_for(environment), environment["gamma"], theta.double()
    words = ("steps", spec["policy"])
    start, sizes = theta.to(policy.dtype), (spec["batches"], spec["episodes"])
    samples = sample_batches(environment, start, seed, words, *sizes)
    batches = [batch.in_double() for sample in samples for batch in sample.split()]
    rows = [
        {"batch": i} | row
        for i, batch in enumerate(batches)
        for row in batch_rows(policy, theta, batch, spec, stream(seed, environment["name"], *words, i))
    ]
    return {
        "batches": pd.DataFrame(rows),
        "trajectories": trajectory_rows(policy, theta, batches[0], gamma, length),
        "traces": trace_rows(batches[0], gamma, environment["id"]),
    }


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


def action_changes(policy: Policy, theta: Tensor, step: Tensor, batch: Trajectories) -> Tensor:
    """log π_{θ+Δθ}(a_t|s_t) - log π_θ(a_t|s_t) of every action taken.  -> (N, T), zero on padding."""
    obs, actions = batch.obs[batch.mask], batch.actions[batch.mask]
    change = policy.log_prob(theta + step, obs, actions) - policy.log_prob(theta, obs, actions)
    return torch.zeros_like(batch.rewards).masked_scatter(batch.mask, change)


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
    returns = batch.discounted_returns(gamma)
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
            "change": action_changes(policy, theta, step, batch).sum(-1),
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
    returns = batch.discounted_returns(gamma)
    orders = [torch.as_tensor(rng.permutation(len(returns))) for _ in range(spec["permutations"])]
    rows = []
    for name, weights in weightings(batch, gamma).items():
        change = action_changes(policy, theta, step_along(scores, weights, length), batch)
        permuted = [
            rank_correlation(returns[order], _moved(policy, theta, scores, weights[order], length, batch))
            for order in orders
        ]
        rows.append(
            {
                "weighting": name,
                "correlation": rank_correlation(returns, change.sum(-1)),
                "permuted": float(np.mean(permuted)),
                "mean_change": float(change[batch.mask].mean()),
                "share_raised": float((change[batch.mask] > 0).double().mean()),
                "actions": int(batch.mask.sum()),
                "likelihood_difference": float(difference),
            }
        )
    return rows


def _moved(
    policy: Policy, theta: Tensor, scores: Tensor, weights: Tensor, length: float, batch: Trajectories
) -> Tensor:
    """How a step by these weights moves log p_θ(τ).  -> (N,)."""
    return action_changes(policy, theta, step_along(scores, weights, length), batch).sum(-1)
