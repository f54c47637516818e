"""Trainings that differ in how they step alone, run as one: they share every call of the environment.

An agent's path does not depend on who trains beside it, so each goes the way that it goes by itself, bit for
bit; only the time that a rollout's many small calls take is paid once.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from pgpipe.rollout import RecordedBatch
from pgpipe.training.direction import Direction
from pgpipe.training.imitation import Imitation
from pgpipe.training.loop import Training
from pgpipe.training.optimisers import make_optimiser
from pgpipe.training.spec import TrainingSpec

STEPPING = ("optimizer", "learning_rate", "kl")


class SideBySide(Training):
    """The same seeds by K recipes, whose optimizer, learning_rate or kl differ: K S agents, recipe by recipe.

    Raises `ValueError` for recipes that differ in anything else.
    """

    def __init__(self, specs: Sequence[TrainingSpec], seeds: Sequence[int]) -> None:
        for other in specs[1:]:
            for key, value in specs[0].items():
                if key not in STEPPING and value != other.get(key):
                    raise ValueError(f"{key}: found {value} and {other.get(key)}; allowed: the same for all")
        super().__init__(specs[0], [*seeds] * len(specs))
        self.directions = [Direction(self.policy, spec) for spec in specs]
        shares = self.theta.chunk(len(specs))
        self.optimisers = [
            make_optimiser(spec["optimizer"], spec["learning_rate"], own)
            for spec, own in zip(specs, shares, strict=True)
        ]

    def by_recipe(self, values: Tensor) -> Tensor:
        """(K S, ...) -> (K, S, ...)."""
        return values.unflatten(0, (len(self.optimisers), -1))

    def _stepped(self, gradient: Tensor, batches: Sequence[RecordedBatch]) -> Tensor:
        """Every recipe's rows by its own rule."""
        size = len(batches) // len(self.optimisers)
        steppers = zip(
            self.directions, self.optimisers, self.theta.split(size), gradient.split(size), strict=True
        )
        own = (batches[start : start + size] for start in range(0, len(batches), size))
        return torch.cat(
            [
                optimiser.step(theta, direction(theta, g, b))
                for (direction, optimiser, theta, g), b in zip(steppers, own, strict=True)
            ]
        )


class ImitationBeside(Imitation):
    """Another training that learns from the same teacher's batches, which it leaves to `first` to sample."""

    def __init__(self, spec: TrainingSpec, agents: Sequence[int], first: Imitation) -> None:
        super().__init__(spec, agents, first.teacher[0])
        self.first = first

    @property
    def batches(self) -> list[RecordedBatch]:
        """Those of the first, which has to be as far as this one."""
        assert self.first.n_updates == self.n_updates
        return self.first.batches


def imitations(
    specs: Sequence[TrainingSpec], seeds: Sequence[int], teacher: Tensor
) -> Iterator[list[Imitation]]:
    """Train by K recipes that differ in how they step alone; yield all of them after every update.

    The teacher's batches are sampled once for all.
    """
    first = Imitation(specs[0], seeds, teacher)
    others = [ImitationBeside(spec, seeds, first) for spec in specs[1:]]
    # the first one last: it forgets its batches when it steps
    for *beside, _ in zip(*(training.updates() for training in (*others, first)), strict=True):
        yield [first, *beside]
