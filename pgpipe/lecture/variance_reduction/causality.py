"""What an action cannot change, and what a baseline does: E14 to E17, E20, E21, C30 to C32, from rollouts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.func import grad, vmap

from pgpipe.discounting import tail_sums
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import batch_gradient
from pgpipe.lecture.common.identity_rows import Row, exact_row, identity_row, vanishing_row
from pgpipe.oracles.outcomes import Outcomes
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]

# What C32 adds to every return.
CONSTANT = 100.0

# What fewer trajectories than this visit is too rare for its mean to be normal.
FEWEST_VISITORS = 300


def per_step_scores(policy: Policy, theta: Tensor, batch: Trajectories) -> Tensor:
    """∇log π_θ(a_{i,t}|s_{i,t}) of every step, zero on padding.  theta (P,), (N, T) -> (N, T, P)."""

    def log_prob(theta: Tensor, obs: Tensor, action: Tensor) -> Tensor:
        return policy.log_prob(theta, obs[None], action[None])[0]

    scores = vmap(vmap(grad(log_prob), in_dims=(None, 0, 0)), in_dims=(None, 0, 0))
    return scores(theta, batch.obs, batch.actions) * batch.mask[..., None]


def identity_rows(
    policy: Policy, theta: Tensor, batch: Trajectories, gamma: float, plain: Estimator
) -> list[Row]:
    """Both sides of E14 to E17 and E20 on N trajectories, as rows of `causality_identities.csv`.

    `plain` is E11's estimator.  Kind `exact`: alike but for rounding, in proportion to `scale`; kind `mean`:
    off by chance.
    """
    T = batch.rewards.shape[1]
    scores = per_step_scores(policy, theta, batch)
    r = batch.rewards * gamma ** torch.arange(T, dtype=batch.rewards.dtype)  # γᵗ r_t
    returns, G = r.sum(1), scores.sum(1)
    to_go = tail_sums(r, 1.0)
    past = returns[:, None] - to_go
    product = G * returns[:, None]  # both sums first, E14
    inside = torch.einsum("ntp,nt->np", scores, returns[:, None].expand(-1, T))  # the return inside, E15
    dropped = torch.einsum("ntp,nt->np", scores, past)
    kept = torch.einsum("ntp,nt->np", scores, to_go)
    by_loss = batch_gradient(policy, theta, batch, plain.weighted_advantages(batch))
    Q = tail_sums(batch.rewards, gamma)
    recursion = batch.rewards + gamma * torch.nn.functional.pad(Q[:, 1:], (0, 1))
    return [
        exact_row("E14", "mean of (Σ ∇log π)(Σ r) and one backward pass", product.mean(0), by_loss, product),
        exact_row("E15", "(Σ ∇log π)(Σ r) and Σ ∇log π (Σ r)", product, inside, product),
        exact_row("E16", "return = past + to go, under the scores", inside, dropped + kept, inside),
        vanishing_row("E16", "largest mean of what E16 drops", dropped),
        exact_row("E17", "Q̂_t and r_t + γ Q̂_{t+1}", Q, recursion, Q),
        vanishing_row("E20", "largest mean of ∇log p b", G * returns.mean()),
        *_pair_rows(scores, batch.rewards),
    ]


def _pair_rows(scores: Tensor, rewards: Tensor) -> list[Row]:
    """E[∇log π(a_t'|s_t') r_t] = 0 for every t < t' (C30).  scores (N, T, P), rewards (N, T)."""
    N, T, _ = scores.shape
    before = torch.ones(T, T, dtype=torch.bool).tril(-1)[..., None]  # (t', t, 1): t < t'
    mean = torch.einsum("ntp,nk->tkp", scores, rewards) / N
    square = torch.einsum("ntp,nk->tkp", scores**2, rewards**2) / N
    error = ((square - mean**2).clamp(min=0) / N) ** 0.5
    known = before & (error > 0)
    if not known.any():
        return []
    z = (mean / error)[known].abs()
    return [identity_row("E16", "largest mean of ∇log π(a_t') r_t, t < t'", "mean", z.max(), 0, 1, N, len(z))]


def constant_rows(outcomes: Outcomes, scores: Tensor, returns: Tensor) -> list[Row]:
    """b = E[g² r]/E[g²] from rollouts, and from all that can happen (E21).  scores (N, P), returns (N,)."""
    G = outcomes.scores.sum(1)
    R = outcomes.rewards.sum(1)
    exact = outcomes.mean(G**2 * R[:, None]) / outcomes.mean(G**2)
    squares = scores.numpy() ** 2
    b = (squares * returns.numpy()[:, None]).mean(0) / squares.mean(0)
    # a ratio of means is as noisy as the mean of what it leaves over
    influence = squares * (returns.numpy()[:, None] - b) / squares.mean(0)
    z = np.abs(b - exact) / (influence.std(0) / len(scores) ** 0.5)
    worst = "largest deviation of b = E[g² r]/E[g²], in standard errors"
    return [identity_row("E21", worst, "mean", z.max(), 0, 1, len(scores), len(z))]


def visit_rows(Q: Floats, batch: Trajectories, gamma: float) -> list[Row]:
    """The mean of Q̂_t - Q_t(s, a) over the visits of every (s, a) is zero (E17, C31).  Q (T, S, A).

    Visits of one trajectory share its rewards, so their sum is one number for each trajectory.
    """
    visits = _visits(Q, batch, gamma)
    visits["off"] = visits["to_go"] - visits["exact"]
    sums = visits.groupby(["state_action", "trajectory"])["off"].sum()
    n = batch.n_trajectories
    rows = sums.groupby("state_action").agg(["sum", "size", lambda off: (off**2).sum()])
    rows.columns = ["total", "visitors", "squares"]
    rows = rows[(rows["visitors"] >= FEWEST_VISITORS) & (rows["squares"] > 0)]
    z = rows["total"].abs() / (rows["squares"] - rows["total"] ** 2 / n) ** 0.5
    worst = "largest mean of Q̂ - Q(s, a), in standard errors"
    if z.empty:
        return []
    return [identity_row("E17", worst, "mean", z.max(), 0, 1, int(rows["visitors"].min()), len(z))]


def q_slopes(Q: Floats, batches: Sequence[Trajectories], gamma: float) -> Floats:
    """Slope of Q̂ over the exact Q through zero, 1 + Σ Q (Q̂ - Q) / Σ Q² (C31).  -> (R,), one for each batch.

    The denominator is the mean of all batches: one batch's own goes with its rewards, and would bias it.
    """
    visits = [_visits(Q, batch, gamma) for batch in batches]
    off = np.array([(v["exact"] * (v["to_go"] - v["exact"])).sum() for v in visits])
    square = np.mean([(v["exact"] ** 2).sum() for v in visits])
    return 1 + off / square


def dropped_projections(
    policy: Policy, theta: Tensor, batches: Sequence[Trajectories], gamma: float, gradient: Floats
) -> Floats:
    """What E16 drops, along ∇J and in units of ‖∇J‖: zero on average (C30).  -> (R,)."""
    along = torch.from_numpy(gradient / (gradient @ gradient))
    projections = []
    for batch in batches:
        r = batch.rewards * gamma ** torch.arange(batch.rewards.shape[1], dtype=batch.rewards.dtype)
        past = r.cumsum(1) - r
        projections.append(float(batch_gradient(policy, theta, batch, past * batch.mask).double() @ along))
    return np.array(projections)


def shift_changes(
    policy: Policy, theta: Tensor, batches: Sequence[Trajectories], estimator: Estimator
) -> Floats:
    """‖ĝ(r + c) - ĝ(r)‖ / ‖ĝ(r)‖ of every batch, c added to all returns (C32).  -> (R,)."""
    changes = []
    for batch in batches:
        w = estimator.weighted_advantages(batch)
        first = torch.nn.functional.one_hot(torch.tensor(0), batch.rewards.shape[1]) * CONSTANT
        raised = Trajectories(**{**vars(batch), "rewards": batch.rewards + first})
        shifted = estimator.weighted_advantages(raised)
        before, after = batch_gradient(policy, theta, batch, torch.stack([w, shifted]))
        changes.append(float((after - before).norm() / before.norm()))
    return np.array(changes)


def effect_row(quantity: str, values: Floats, batch_size: int) -> Row:
    """Mean of replicate values with its standard error; what is no number in any batch is left out."""
    known = values[np.isfinite(values)]
    error = known.std(ddof=1) / len(known) ** 0.5 if len(known) > 1 else np.nan
    numbers = {"estimate": known.mean() if len(known) else np.nan, "standard_error": error}
    largest = known.max() if len(known) else np.nan
    return {"quantity": quantity} | numbers | {"largest": largest, "n": len(known), "batch_size": batch_size}


def _visits(Q: Floats, batch: Trajectories, gamma: float) -> pd.DataFrame:
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
