"""Both sides of E50 and E51 on walks: derivatives with the noise held, and over all actions."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.lecture.common.identity_rows import exact_row, vanishing_row
from pgpipe.oracles import line
from pgpipe.oracles.line import gain_and_spread
from pgpipe.trajectories import Trajectories

NODES = 5  # of a quadrature over the action: Q has degree two


def ways_identities(
    environment: LinearEnvironmentSpec, theta: Tensor, walks: Trajectories, estimates: Mapping[str, Tensor]
) -> pd.DataFrame:
    """Rows of `gradient_ways_identities.csv`, by what each walk contributes, (N, 2) by form."""
    gradient = torch.from_numpy(line.exact(theta.numpy(), environment)[1])
    sides = {
        "pathwise": ("E50", "derivative of the walks' return with their noise held", _by_noise),
        "all_actions": ("E51", "derivative of E[Q] over the actions of each state", _by_actions),
    }
    rows = []
    for form, (equation, what, derivative) in sides.items():
        own = estimates[form].double()
        found = derivative(environment, theta, walks)
        rows += [
            exact_row(equation, f"{what}, minus the walks' mean", found, own.mean(0), own),
            vanishing_row(equation, "mean of the walks minus ∇J", (own - gradient)[:, _varies(own)]),
        ]
    return pd.DataFrame(rows).assign(environment=environment["name"])


def _varies(rows: Tensor) -> Tensor:
    """Which columns (N, P) are more than one number and rounding; the others were compared already."""
    return rows.std(0) > 1e-9 * rows.abs().max()


def _by_noise(environment: LinearEnvironmentSpec, theta: Tensor, walks: Trajectories) -> Tensor:
    """∂/∂θ of the mean return of walks that start where these did and meet the same noise.  -> (2,)."""
    kwargs, gamma = environment["kwargs"], environment["gamma"]
    k, sigma, slope = gain_and_spread(theta.numpy(), environment)
    s, actions = walks.all_obs.double()[..., 0], walks.actions.double()[..., 0]
    eps = (actions - k * s[:, :-1]) / sigma
    push = s[:, 1:] - s[:, :-1] - actions if kwargs.get("noise_std") else torch.zeros_like(actions)
    gain, spread = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (k, sigma))
    place, total = s[:, 0], torch.zeros(len(s), dtype=torch.float64)
    for t in range(actions.shape[1]):
        a = gain * place + spread * eps[:, t]
        total = total - gamma**t * (place**2 + a**2)
        place = place + a + push[:, t]
    by_k, by_sigma = torch.autograd.grad(total.mean(), (gain, spread))
    return torch.stack([by_k, by_sigma * slope])


def _by_actions(environment: LinearEnvironmentSpec, theta: Tensor, walks: Trajectories) -> Tensor:
    """∂/∂θ' of the mean of Σ_t γᵗ E_{a~π_θ'}[Q_θ(s_t, a)] at θ' = θ, by these walks' states.  -> (2,)."""
    gamma, noise = environment["gamma"], environment["kwargs"].get("noise_std", 0.0)
    k, sigma, slope = gain_and_spread(theta.numpy(), environment)
    s = walks.obs.double()[..., 0]
    T = s.shape[1]
    at = np.array([np.zeros((T + 1, 1)), np.ones((T + 1, 1))])
    constant, one = (torch.from_numpy(V) for V in line.values(theta.numpy(), environment, at))
    gain, spread = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (k, sigma))
    total = torch.zeros((), dtype=torch.float64)
    x, w = np.polynomial.hermite_e.hermegauss(NODES)
    for node, weight in zip(x, w / w.sum(), strict=True):
        a = gain * s + spread * node
        after = constant[1:] + (one - constant)[1:] * ((s + a) ** 2 + noise**2)
        Q = -(s**2) - a**2 + gamma * after
        total = total + weight * (gamma ** torch.arange(T, dtype=torch.float64) * Q).sum(1).mean()
    by_k, by_sigma = torch.autograd.grad(total, (gain, spread))
    return torch.stack([by_k, by_sigma * slope])
