"""Policies as somebody else writes them: torch modules, and a function of parameters and observations."""

import time
from collections.abc import Callable
from typing import Any

import torch
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete
from torch import Tensor, nn
from torch.distributions import Bernoulli, Categorical, Distribution, Independent, MultivariateNormal, Normal

ROWS = 3


class Chooses(nn.Module):
    """A choice among the actions of a Discrete space; its hidden layer sees normalised observations."""

    def __init__(self, observations: Box, actions: Discrete, width: int = 5) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(observations.shape[0])
        self.body = nn.Sequential(nn.Linear(observations.shape[0], width), nn.ReLU())
        self.head = nn.Linear(width, int(actions.n), bias=False)
        self.register_buffer("sharp", torch.tensor(0.7))

    def forward(self, obs: Tensor) -> Categorical:
        """Logits from the network."""
        return Categorical(logits=self.sharp * self.head(self.body(self.norm(obs))))


class Spreads(nn.Module):
    """A normal action whose spread depends on the state."""

    def __init__(self, observations: Box, actions: Box) -> None:
        super().__init__()
        self.shape = actions.shape
        self.mean = nn.Linear(observations.shape[0], actions.low.size)
        self.spread = nn.Linear(observations.shape[0], actions.low.size)

    def forward(self, obs: Tensor) -> Distribution:
        """A mean and a spread for every number."""
        mean, spread = (part(obs).unflatten(-1, self.shape) for part in (self.mean, self.spread))
        return Independent(Normal(mean, nn.functional.softplus(spread) + 0.1), len(self.shape))


class Correlates(nn.Module):
    """Normal action numbers that hang together."""

    def __init__(self, observations: Box, actions: Box) -> None:
        super().__init__()
        self.E = actions.shape[0]
        self.mean = nn.Linear(observations.shape[0], self.E)
        self.lower = nn.Parameter(torch.eye(self.E) + 0.3 * torch.ones(self.E, self.E).tril())

    def forward(self, obs: Tensor) -> MultivariateNormal:
        """One lower triangle in every state."""
        return MultivariateNormal(self.mean(obs), scale_tril=self.lower.tril())


class Switches(nn.Module):
    """Several switches, each on or off."""

    def __init__(self, observations: Box, actions: MultiBinary) -> None:
        super().__init__()
        self.head = nn.Linear(observations.shape[0], actions.shape[0])

    def forward(self, obs: Tensor) -> Bernoulli:
        """A logit for every switch."""
        return Bernoulli(logits=self.head(obs))


class Heads(nn.Module):
    """A head for every axis of a MultiDiscrete space."""

    def __init__(self, observations: Box, actions: MultiDiscrete) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(observations.shape[0], int(n)) for n in actions.nvec)

    def forward(self, obs: Tensor) -> list[Categorical]:
        """A distribution for every axis."""
        return [Categorical(logits=head(obs)) for head in self.heads]


def walks(theta: Tensor, obs: Tensor, floor: float = 0.0) -> Normal:
    """The lecture's policy of the line as a function: a ~ N(k s, σ²)."""
    return Normal(theta[0] * obs, theta[1].abs() + floor)


def not_a_policy(theta: Tensor, obs: Tensor) -> Tensor:
    """Forgets the distribution."""
    return theta * obs


class Wrong(nn.Module):
    """What can be wrong with a module, one thing at a time."""

    def __init__(self, observations: Box, actions: Any, what: str = "") -> None:
        super().__init__()
        if what == "constructor":
            raise RuntimeError("the GPU is not there")
        self.what, self.n = what, int(actions.n)
        self.head = nn.Linear(observations.shape[0], self.n)
        if what == "unseeded":
            self.chance = nn.Parameter(
                torch.rand((), generator=torch.Generator().manual_seed(time.time_ns()))
            )

    def forward(self, obs: Tensor) -> Any:
        """By `what`."""
        logits = self.head(obs)
        wrong: dict[str, Callable[[], Any]] = {
            "forward": lambda: Categorical(logits=self.head(obs[:, :-1])),
            "tensor": lambda: logits,
            "one": lambda: Categorical(logits=logits.mean(0)),
            "mean": lambda: Categorical(logits=logits - logits.mean(0)),
            "random": lambda: Categorical(logits=logits + torch.randn_like(logits)),
            "more": lambda: Categorical(logits=torch.cat([logits, logits], -1)),
            "normal": lambda: Normal(logits, 1.0),
            "cast": lambda: Categorical(logits=self.head(obs.float())),
            "rounded": lambda: Categorical(logits=logits.float()),
            "squeezed": lambda: Categorical(logits=logits.squeeze()),
            "laplace": lambda: torch.distributions.Laplace(logits, 1.0),
            "nan": lambda: Categorical(logits=logits * torch.nan),
            "item": lambda: Categorical(
                logits=torch.stack([y * float(s[0]) for y, s in zip(logits, obs, strict=True)])
            ),
        }
        return wrong.get(self.what, lambda: Categorical(logits=logits))()


class Spread(nn.Module):
    """A normal distribution whose spread is not always one, and a layer that learns its size later."""

    def __init__(self, observations: Box, actions: Box, sigma: float = 1.0, lazy: bool = False) -> None:
        super().__init__()
        n_obs, n_actions = observations.shape[0], actions.shape[0]
        self.head = nn.LazyLinear(n_actions) if lazy else nn.Linear(n_obs, n_actions)
        self.sigma = sigma

    def forward(self, obs: Tensor) -> Normal:
        """N(f(s), σ²)."""
        return Normal(self.head(obs), self.sigma)


class NoNet:
    """Not a module."""


class Empty(nn.Module):
    """Nothing to learn."""

    def __init__(self, observations: Box, actions: Discrete) -> None:
        super().__init__()
        self.n = int(actions.n)

    def forward(self, obs: Tensor) -> Categorical:
        """Even."""
        return Categorical(logits=torch.zeros(len(obs), self.n))
