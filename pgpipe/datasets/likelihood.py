"""The policy that makes a dataset's actions likeliest, where nobody has recorded their probabilities."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from pgpipe.estimators.ratios import log_probs
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories

# Of so many episodes one is held out, to say when to stop and how good the fit is.
HELD_OUT = 5

# Iterations of L-BFGS between two looks at what is held out; looks at most, and after a loss; what is one.
ITERATIONS, LOOKS, PATIENCE = 10, 50, 3
LOSS = 1e-4  # nats a step


@dataclass(frozen=True)
class Fit:
    """A policy of maximum likelihood, and what it makes of episodes that were held out."""

    theta: Tensor  # (P,), fitted to all episodes
    looks: int  # after which it had stopped
    held_out: Tensor  # indices of episodes
    log_likelihood: Tensor  # Σ_t log π(a_t|s_t) of each by the fit to the others, nats


def fit(policy: Policy, start: Tensor, batch: Trajectories) -> Fit:
    """Maximise the mean of log π_θ(a|s) over the steps of episodes (N, T), from `start` (P,).

    Every fifth episode is held out; what is best for them says how long the fit to all episodes goes on.
    """
    rows = torch.arange(batch.n_trajectories)
    out = rows % HELD_OUT == HELD_OUT - 1
    own, others = chosen(batch, rows[~out]), chosen(batch, rows[out])
    best, looks, kept = -float("inf"), 0, start
    for look, theta in enumerate(_path(policy, start, own), 1):
        held = _mean(policy, theta, others)
        if held >= best - LOSS:  # the last of those that are as good: a fit that has more to gain goes on
            best, looks, kept = max(best, held), look, theta
        if not np.isfinite(held) or look >= looks + PATIENCE:
            break
    *_, theta = [start, *islice(_path(policy, start, batch), looks)]
    return Fit(theta, looks, rows[out], log_probs(policy, kept, others).sum(-1))


def chosen(batch: Trajectories, rows: Tensor) -> Trajectories:
    """Some episodes of a batch (N, T)."""
    return Trajectories(**{name: value[rows] for name, value in batch.fields.items()})


def _path(policy: Policy, start: Tensor, batch: Trajectories) -> Iterator[Tensor]:
    """The parameters after every so many iterations, as long as the likelihood is a number."""
    theta = start.clone().requires_grad_()
    obs, actions = batch.obs[batch.mask], batch.actions[batch.mask]
    optimizer = torch.optim.LBFGS(
        [theta],
        max_iter=ITERATIONS,
        max_eval=100 * ITERATIONS,
        history_size=20,
        line_search_fn="strong_wolfe",
        tolerance_grad=1e-9,
        tolerance_change=1e-12,
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = -policy.log_prob(theta, obs, actions).mean()
        value.backward()
        return value

    for look in range(1, LOOKS + 1):
        optimizer.step(loss)
        if not theta.isfinite().all():
            return
        yield theta.detach().clone()
        if optimizer.state[theta]["n_iter"] < ITERATIONS * look:
            return  # it has converged


def _mean(policy: Policy, theta: Tensor, batch: Trajectories) -> float:
    """Mean log π_θ(a|s) of the steps."""
    return float(log_probs(policy, theta, batch)[batch.mask].mean())
