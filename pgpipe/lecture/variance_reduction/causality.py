"""What an action cannot change, and what a baseline does: both sides of E14 to E17, E20, E21, from rollouts.

Scores are differentiated step by step, by autograd, and set beside the estimators, which compute them in
another way. The products of a score and what came before are compared with the variance that the policy
gives them; any other mean that few trajectories decide is not compared with what chance allows, as it is not
normal.
"""

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.func import grad, vmap

from pgpipe.discounting import tail_sums
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import batch_gradient, trajectory_gradients
from pgpipe.lecture.common.identity_rows import Row, exact_row, identity_row, martingale_row, vanishing_row
from pgpipe.natural.fisher import score_variances
from pgpipe.oracles.outcomes import Outcomes
from pgpipe.policies.policy import Policy
from pgpipe.statistics import effective_number
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]

# What fewer trajectories than this decide is too rare for its mean to be normal.
FEWEST = 100


def per_step_scores(policy: Policy, theta: Tensor, batch: Trajectories) -> Tensor:
    """∇log π_θ(a_{i,t}|s_{i,t}) of every step, zero on padding.  theta (P,), (N, T) -> (N, T, P)."""

    def log_prob(theta: Tensor, obs: Tensor, action: Tensor) -> Tensor:
        return policy.log_prob(theta, obs[None], action[None])[0]

    scores = vmap(vmap(grad(log_prob), in_dims=(None, 0, 0)), in_dims=(None, 0, 0))
    return scores(theta, batch.obs, batch.actions) * batch.mask[..., None]


def discounted(batch: Trajectories, gamma: float) -> Tensor:
    """γᵗ r_t.  (N, T)."""
    return batch.rewards * gamma ** torch.arange(batch.rewards.shape[1], dtype=batch.rewards.dtype)


def sum_rows(
    policy: Policy, theta: Tensor, batch: Trajectories, gamma: float, plain: Estimator, to_go: Estimator
) -> list[Row]:
    """E14 to E16, and E17's sum, on N trajectories, as rows of `causality_identities.csv`.

    `plain` is E11's estimator, `to_go` E18's.
    """
    scores, r = per_step_scores(policy, theta, batch), discounted(batch, gamma)
    returns, past = r.sum(1), r.cumsum(1) - r
    product = scores.sum(1) * returns[:, None]
    by_pass = batch_gradient(policy, theta, batch, plain.weighted_advantages(batch))
    inside, kept = (
        trajectory_gradients(policy, theta, batch, weights)
        for weights in (returns[:, None] * batch.mask, to_go.weighted_advantages(batch))
    )
    dropped = torch.einsum("ntp,nt->np", scores, past)
    Q = tail_sums(batch.rewards, gamma)
    return [
        exact_row("E14", "mean of (Σ ∇log π)(Σ r) and one backward pass", product.mean(0), by_pass, product),
        exact_row("E15", "(Σ ∇log π)(Σ r) and Σ r as the weight of every step", product, inside, product),
        exact_row("E16", "E15, and what E16 keeps plus what it drops", product, kept + dropped, product),
        *_past_rows(policy, theta, batch, scores, past),
        exact_row("E17", "Q̂_t, and Σ γ^(t'-t) r_t' term by term", Q, _term_by_term(batch.rewards, gamma), Q),
    ]


def _term_by_term(rewards: Tensor, gamma: float) -> Tensor:
    """Σ_{t'≥t} γ^{t'-t} r_{t'}, by a matrix of all powers instead of from the last step back.  (N, T)."""
    T = rewards.shape[1]
    later = torch.arange(T, dtype=rewards.dtype) - torch.arange(T)[:, None]  # (t, t'): t' - t
    return rewards @ (gamma ** later.clamp(min=0) * (later >= 0)).T


def constant_baseline_rows(scores: Tensor, returns: Tensor, J: float, gradient: Floats) -> list[Row]:
    """E20: the mean of ∇log p is zero, and so J may be subtracted from the return.  (N, P), (N,), ∇J (P,)."""
    off = scores * (returns - J)[:, None] - torch.from_numpy(gradient)
    return [
        *_vanishing("E20", "largest mean of ∇log p", scores),
        *_vanishing("E20", "largest deviation of the mean of ∇log p (r - b) from ∇J, b = J", off),
    ]


def _vanishing(equation: str, what: str, terms: Tensor) -> list[Row]:
    """One row for the columns of terms (N, P) that enough trajectories decide; none if there is none.

    Where nothing varies at all, everything has to be right as it is.
    """
    decided = torch.from_numpy(effective_number(terms.numpy()))
    known = (decided >= FEWEST) | ((decided == 0).all() & (terms != 0).any())
    return [vanishing_row(equation, what, terms[:, known])] if known.any() else []


def _past_rows(policy: Policy, theta: Tensor, batch: Trajectories, scores: Tensor, past: Tensor) -> list[Row]:
    """The sum of what E16 drops, and of ∇log π(a_t'|s_t') r_t for every t < t' (C30).

    scores (N, T, P); past (N, T), the discounted rewards before each step.
    """
    (N, T), r = past.shape, batch.rewards
    F = score_variances(policy, theta, batch.obs.flatten(0, 1)).reshape(scores.shape) * batch.mask[..., None]
    dropped = past[..., None] * scores
    sums = torch.einsum("nk,ntp->ktp", r, scores)  # of every pair (t, t')
    variances = torch.einsum("nk,ntp->ktp", r**2, F)
    largest = torch.stack([(r[:, t, None, None] * scores).abs().amax(0) for t in range(T)])
    earlier = torch.ones(T, T, dtype=torch.bool).triu(1)
    return [
        *martingale_row("E16", "largest mean of what E16 drops", dropped.sum((0, 1)),
                        torch.einsum("nt,ntp->p", past**2, F), dropped.abs().amax((0, 1)), N),
        *martingale_row("E16", "largest mean of ∇log π(a_t') r_t, t < t'", sums[earlier], variances[earlier],
                        largest[earlier], N),
    ]  # fmt: skip


def constant_rows(outcomes: Outcomes, scores: Tensor, returns: Tensor) -> list[Row]:
    """b = E[g² r]/E[g²] from rollouts, and from all that can happen (E21).  scores (N, P), returns (N,)."""
    G = outcomes.scores.sum(1)
    R = outcomes.rewards.sum(1)
    exact = outcomes.mean(G**2 * R[:, None]) / outcomes.mean(G**2)
    squares = scores.numpy() ** 2
    b = (squares * returns.numpy()[:, None]).mean(0) / squares.mean(0)
    # a ratio of means is as noisy as the mean of what it leaves over
    influence = squares * (returns.numpy()[:, None] - b) / squares.mean(0)
    known = effective_number(influence) >= FEWEST
    if not known.any():
        return []
    z = (np.abs(b - exact) / (influence.std(0) / len(scores) ** 0.5))[known]
    worst = "largest deviation of b = E[g² r]/E[g²], in standard errors"
    return [identity_row("E21", worst, "mean", z.max(), 0, 1, len(scores), len(z))]


def visit_rows(Q: Floats, batch: Trajectories, gamma: float) -> list[Row]:
    """The mean of Q̂_t - Q_t(s, a) over the visits of every (s, a) is zero (E17, C31).  Q (T, S, A).

    Visits of one trajectory share its rewards, so their sum is one number for each trajectory.
    """
    visits = visited(Q, batch, gamma)
    visits["off"] = visits["to_go"] - visits["exact"]
    sums = visits.groupby(["state_action", "trajectory"])["off"].sum()
    n = batch.n_trajectories
    moments = [sums.groupby("state_action").size()]
    moments += [(sums**power).groupby("state_action").sum() for power in (1, 2, 4)]
    rows = pd.concat(moments, axis=1, keys=["visitors", "total", "squares", "fourth"])
    rows = rows[(rows["squares"] > 0) & (rows["squares"] ** 2 >= FEWEST * rows["fourth"])]
    z = rows["total"].abs() / (rows["squares"] - rows["total"] ** 2 / n) ** 0.5
    worst = "largest mean of Q̂ - Q(s, a), in standard errors"
    if z.empty:
        return []
    return [identity_row("E17", worst, "mean", z.max(), 0, 1, int(rows["visitors"].min()), len(z))]


def visited(Q: Floats, batch: Trajectories, gamma: float) -> pd.DataFrame:
    """Every step: its trajectory, its state and action as one number, its Q̂_t and Q_t(s, a)."""
    trajectory, t = np.nonzero(batch.mask.numpy())
    s, a = batch.obs.argmax(-1).numpy()[trajectory, t], batch.actions.numpy()[trajectory, t]
    return pd.DataFrame(
        {
            "trajectory": trajectory,
            "state_action": s * Q.shape[2] + a,
            "to_go": tail_sums(batch.rewards, gamma).numpy()[trajectory, t],
            "exact": Q[t, s, a],
        }
    )
