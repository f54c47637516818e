"""Trainings that differ in how they step alone, run as one: they share every call of the environment.

An agent's path does not depend on who trains beside it, so each goes the way that it goes by itself, bit for
bit; only the time that a rollout's many small calls take is paid once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from pgpipe.recording import Batch
from pgpipe.training.direction import Direction
from pgpipe.training.imitation import Imitation
from pgpipe.training.loop import Training
from pgpipe.training.optimisers import Optimiser, make_optimiser
from pgpipe.training.spec import TrainingSpec

STEPPING = ("optimizer", "learning_rate", "kl")


class SideBySide(Training):
    """The same S seeds by K recipes that differ in optimizer, learning_rate or kl: K S agents, in this order.

    Raises `ValueError` for recipes that differ in anything else.
    """

    def __init__(self, specs: Sequence[TrainingSpec], seeds: Sequence[int]) -> None:
        _differ_in_stepping_alone(specs)
        super().__init__(specs[0], [*seeds] * len(specs))
        self.direction = EachDirection([Direction(self.policy, spec) for spec in specs])
        self.optimiser = EachOptimiser(
            [
                make_optimiser(spec["optimizer"], spec["learning_rate"], own)
                for spec, own in zip(specs, self.theta.chunk(len(specs)), strict=True)
            ]
        )
        self.n_recipes = len(specs)

    def by_recipe(self, values: Tensor) -> Tensor:
        """(K S, ...) -> (K, S, ...)."""
        return values.unflatten(0, (self.n_recipes, -1))


class EachOptimiser(Optimiser):
    """K optimisers, each for its own equal share of the rows."""

    def __init__(self, parts: Sequence[Optimiser]) -> None:
        self.parts = parts

    @property
    def memory(self) -> dict[str, Tensor]:
        """That of all, each under its number."""
        return {
            f"{k}.{name}": value for k, part in enumerate(self.parts) for name, value in part.memory.items()
        }

    @memory.setter
    def memory(self, memory: Mapping[str, Tensor]) -> None:
        for k, part in enumerate(self.parts):
            part.memory = {name: memory[f"{k}.{name}"] for name in part.memory}

    def step(self, theta: Tensor, gradient: Tensor) -> Tensor:
        """Every share by its own rule."""
        shares = zip(self.parts, theta.chunk(len(self.parts)), gradient.chunk(len(self.parts)), strict=True)
        return torch.cat([part.step(own, g) for part, own, g in shares])


class EachDirection(Direction):
    """K directions, each for its own equal share of the rows."""

    def __init__(self, parts: Sequence[Direction]) -> None:
        self.parts = parts

    @property
    def stopped(self) -> Counter[str]:  # type: ignore[override]
        """Why solvers and line searches of all recipes came to an end."""
        return sum((part.stopped for part in self.parts), Counter())

    def __call__(self, theta: Tensor, gradient: Tensor, batches: Sequence[Batch]) -> Tensor:
        """Every share by its own rule."""
        size = len(batches) // len(self.parts)
        shares = zip(
            self.parts,
            theta.split(size),
            gradient.split(size),
            (batches[start : start + size] for start in range(0, len(batches), size)),
            strict=True,
        )
        return torch.cat([part(*of) for part, *of in shares])


class SharedTeacherImitation(Imitation):
    """An imitation that learns from the batches which `first`, of the same teachers and seeds, sampled."""

    def __init__(self, spec: TrainingSpec, agents: Sequence[int], first: Imitation) -> None:
        super().__init__(spec, agents, first.teacher)
        self.first = first

    @property
    def batches(self) -> list[Batch]:
        """Those of the first, which has to be as far as this one."""
        assert self.first.n_updates == self.n_updates
        return self.first.batches


def imitations(
    specs: Sequence[TrainingSpec], seeds: Sequence[int], teacher: Tensor
) -> Iterator[list[Imitation]]:
    """Train by K recipes whose optimizer, learning_rate or kl differ; yield all of them after every update.

    The teacher is one for all, (P,), or a row for each seed, (S, P). Batches are sampled once for all.
    Raises `ValueError` for recipes that differ otherwise.
    """
    _differ_in_stepping_alone(specs)
    first = Imitation(specs[0], seeds, teacher)
    others = [SharedTeacherImitation(spec, seeds, first) for spec in specs[1:]]
    # the first one last: it forgets its batches when it steps
    for *beside, _ in zip(*(training.updates() for training in (*others, first)), strict=True):
        yield [first, *beside]


def _differ_in_stepping_alone(specs: Sequence[TrainingSpec]) -> None:
    for other in specs[1:]:
        for key, value in specs[0].items():
            if key not in STEPPING and value != other.get(key):
                raise ValueError(f"{key}: found {value} and {other.get(key)}; allowed: the same for all")
