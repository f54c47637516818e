"""Policies to imitate: trained ones of several seeds, so that no comparison hangs on a single one (C21)."""

import torch
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.training.loop import Training
from pgpipe.training.spec import TrainingSpec

# Share of the way from an untrained policy's return to the best one's that makes a teacher. Who imitates a
# worse one fails at the bars of C21 whatever the learning rate.
GOOD_TEACHER = 0.97


class TeachersSpec(TypedDict):
    """A recipe, how many seeds train by it, and how many episodes tell what came of them."""

    training: TrainingSpec
    seeds: list[int]
    episodes: int


def train_teachers(spec: TeachersSpec) -> dict[str, Tensor]:
    """Train the seeds by the recipe to its end; the good ones teach.  `teachers`, (K, P)."""
    training, returns = Training(spec["training"], spec["seeds"]), []
    for at in training.updates():
        if at.n_updates in (0, spec["training"]["updates"]):
            returns.append(at.evaluate(spec["episodes"]))
    return {"teachers": training.theta[good_teachers(returns[0], returns[-1])]}


def good_teachers(first: Tensor, final: Tensor) -> Tensor:
    """Which seeds have come within a small part of the way of the best one.  (S,), (S,) -> (S,)."""
    start, best = first.mean(), final.nan_to_num(-torch.inf).max()
    return final >= start + GOOD_TEACHER * (best - start)


def dealt_out(teachers: Tensor, seeds: int) -> Tensor:
    """A teacher for each seed, in turn.  (K, P) -> (seeds, P)."""
    return teachers[torch.arange(seeds) % len(teachers)]
