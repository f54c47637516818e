"""One policy's rollouts, another's gradient: the policies that are asked about, and what all tables share.

Distances are KL(p_θ ‖ p_θ') of a whole trajectory, from the behaviour θ to the target θ', in nats.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.spec import EnvironmentSpec, SampledSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import Ratios, log_probs
from pgpipe.estimators.scores import estimate_each
from pgpipe.estimators.spec import REWARD_TO_GO_MEAN
from pgpipe.policies.policy import Policy
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]

# Trajectories by which a distance is found where no oracle knows it.
FEW = 64

# A step is as long as was asked for if its KL is within this share of it; beyond `LONGEST` nobody looks.
NEAR, LONGEST = 0.01, 1e6


class ProblemSpec(SampledSpec):
    """An environment, and the modules, if any, that know its J and ∇J, and a policy seen from another."""

    module: str | None
    known: str | None


class TargetsSpec(ProblemSpec):
    """How far targets are apart from the behaviour, and its batches."""

    distances: list[float]  # KL of a whole trajectory, in nats
    random_directions: int  # beside the gradient
    batch_size: int
    replicates: int


@dataclass(frozen=True)
class Target:
    """A policy θ' at some distance, in some direction, from the one that samples."""

    direction: str  # gradient, or random with a number
    distance: float  # nats, as asked for
    theta: Tensor  # (P,)


@dataclass(frozen=True)
class Problem:
    """The behaviour policy of an environment, and what an oracle knows about others seen from it, if any."""

    environment: EnvironmentSpec
    policy: Policy
    theta: Tensor  # (P,), of the behaviour
    seed: int
    oracle: Any  # exact J and ∇J
    known: Any  # exact KLs, moments and expectations

    @classmethod
    def from_spec(cls, spec: ProblemSpec, theta: Tensor) -> "Problem":
        """The problem of a job's spec."""
        modules = [import_module(name) if name else None for name in (spec["module"], spec["known"])]
        return cls(spec["environment"], policy_for(spec["environment"]), theta, spec["seed"], *modules)

    @property
    def gamma(self) -> float:
        """The discount of J."""
        return self.environment["gamma"]

    def ask(self, what: str, target: Tensor, *more: Any) -> Any:
        """What the oracle knows of a target seen from the behaviour."""
        pair = (self.theta.double().numpy(), target.double().numpy())
        return getattr(self.known, what)(*pair, self.environment, *more)

    def log_probs(self, batch: Trajectories) -> Tensor:
        """Those of the behaviour along trajectories (N, T)."""
        return log_probs(self.policy, self.theta, batch)

    def ratios(self, target: Tensor, batch: Trajectories, old: Tensor | None = None) -> Ratios:
        """The ratios of the target to the behaviour along trajectories (N, T).

        `old` are the behaviour's log-probabilities, where they are known already.
        """
        old = self.log_probs(batch) if old is None else old
        found = {"log_ratios": log_probs(self.policy, target, batch) - old}
        if self.known:
            states = self.ask("log_state_ratios", target, batch.obs.double().numpy())
            found["log_state_ratios"] = torch.from_numpy(states) * batch.mask
        return found

    def kl(self, target: Tensor, log_ratios: Tensor) -> float:
        """KL(p_θ ‖ p_θ'), exact where known; else from the log-ratios (N, T) of the behaviour's trajectories.

        Sampled as the mean of Σ_t (ρ_t - 1 - log ρ_t), whose every term is positive: E_θ ρ = 1.
        """
        if self.known:
            return float(self.ask("kl", target))
        return float((log_ratios.expm1() - log_ratios).sum(-1).mean())

    def gradient(self, target: Tensor, words: tuple[str, ...], replicates: int, n: int) -> Tensor:
        """∇J(θ') with its replicates: exact, (1, P), or of as many batches of the target's own, (R, P)."""
        if self.oracle:
            exact = self.oracle.exact(target.numpy(), self.environment)[1]
            return torch.from_numpy(exact)[None]
        own = Estimator.from_spec(REWARD_TO_GO_MEAN, self.gamma)
        parts = sample_batches(self.environment, target, self.seed, words, replicates, n)
        copies = (estimate_each(self.policy, target.expand(len(b.rewards), -1), b, own) for b in parts)
        return torch.cat(list(copies)).double()


def collected(problem: Problem, words: tuple[str, ...], replicates: int, n: int) -> Trajectories:
    """Batches of the behaviour.  -> (R, n, T)."""
    parts = sample_batches(problem.environment, problem.theta, problem.seed, words, replicates, n)
    return Trajectories.concatenate(list(parts))


def split_ratios(ratios: Ratios, each: Sequence[Trajectories]) -> list[Ratios]:
    """The ratios of each batch (N, T_r), from those of all of them as one (R N, T)."""
    pieces = {name: value.unflatten(0, (len(each), -1)) for name, value in ratios.items()}
    return [
        {name: value[r, :, : batch.mask.shape[1]] for name, value in pieces.items()}
        for r, batch in enumerate(each)
    ]


def targets(problem: Problem, spec: TargetsSpec, pool: Trajectories) -> Iterator[Target]:
    """Policies along the gradient of J at θ and in random directions, at each of the distances."""
    place = (problem.environment["name"], "off_policy")
    size = (spec["replicates"], spec["batch_size"])
    uphill = problem.gradient(problem.theta, ("off_policy", "direction"), *size).mean(0)
    directions = {"gradient": uphill.to(problem.theta.dtype)}
    for i in range(spec["random_directions"]):
        noise = stream(problem.seed, *place, "direction", i).standard_normal(len(problem.theta))
        directions[f"random {i + 1}"] = torch.as_tensor(noise, dtype=problem.theta.dtype)
    few = pool.first(min(FEW, pool.n_trajectories))
    old = problem.log_probs(few)
    for name, direction in directions.items():
        unit = direction / direction.norm()

        def apart(length: float, unit: Tensor = unit) -> float:
            target = problem.theta + length * unit
            log_ratios = old if problem.known else problem.ratios(target, few, old)["log_ratios"]
            return problem.kl(target, log_ratios)

        for distance in spec["distances"]:
            length = length_at(apart, distance)
            yield Target(name, distance, problem.theta + length * unit)


def length_at(kl: Callable[[float], float], distance: float) -> float:
    """How long a step is that leads so far: from the quadratic start of every KL, by halving.

    Raises `ArithmeticError` if none does, as along a direction in which the policy soon stands still.
    """
    tiny = 1e-3
    high = 0.5 * tiny * (min(distance, 0.01) / max(kl(tiny), 1e-12)) ** 0.5
    low = 0.0
    # short strides: a long one could leap over the wall where a spread vanishes
    while kl(high) < distance and high < LONGEST:
        low, high = high, 1.2 * high
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if kl(middle) < distance else (low, middle)
    length = (low + high) / 2
    if not abs((reached := kl(length)) - distance) <= NEAR * distance:
        raise ArithmeticError(
            f"no step has a KL of {distance:g} nats; one of length {length:.3g} has {reached:.3g}"
        )
    return length
