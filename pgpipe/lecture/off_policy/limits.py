"""The exact bias of each form as θ' comes near θ, and where a step from θ' leads (C11, C15, C16, C34).

No chance is in these numbers: they are those of one policy θ, and of targets θ' in many directions from it.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pgpipe.lecture.off_policy.gradients import Row
from pgpipe.lecture.off_policy.paths import TINY, objective, step_along
from pgpipe.lecture.off_policy.problem import Problem, length_at
from pgpipe.seeding import stream
from pgpipe.statistics import cosines

# Distances, in nats: exact numbers have a limit where samples have noise.
DISTANCES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
# Beside the gradient's. A statement about every direction that fails in a third of them survives 8 by chance
# in 4 of 100 studies.
DIRECTIONS = 8

COLUMNS = ["environment", "policy", "direction", "distance", "kl", "form", "exact_bias", "exact_past_gap"]
COLUMNS += ["cosine", "old", "new", "after"]


def limits_table(problem: Problem, place: Row) -> pd.DataFrame:
    """Rows of `off_policy_limits.csv`; none where an oracle does not know the forms' expectations."""
    rows = [place | row for row in _rows(problem)] if problem.known else []
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(problem: Problem) -> Iterator[Row]:
    problem = replace(problem, theta=problem.theta.double())
    old, gradient = problem.oracle.exact(problem.theta.numpy(), problem.environment)
    scale = float(np.linalg.norm(gradient))
    for direction, way in _directions(problem, torch.from_numpy(gradient)).items():
        for distance in DISTANCES:
            target = _target(problem, way, distance)
            place = {"direction": direction, "distance": distance, "kl": float(problem.ask("kl", target))}
            place |= {"old": float(old), "new": objective(problem, target)}
            yield from ({**place, **row} for row in _forms(problem, target, scale))


def _forms(problem: Problem, target: Tensor, scale: float) -> Iterator[Row]:
    """Bias and cosine of every form's expectation at the target, and J after a step along it."""
    expected = problem.ask("expectations", target)
    truth = problem.oracle.exact(target.numpy(), problem.environment)[1]
    for form, expectation in expected.items():
        after = objective(problem, step_along(problem, target, torch.from_numpy(expectation)))
        yield {
            "form": form,
            "exact_bias": float(np.linalg.norm(expectation - truth)) / scale,
            "exact_past_gap": float(np.linalg.norm(expectation - expected["no_future"])) / scale,
            "cosine": float(cosines(expectation, truth)),
            "after": after,
        }


def _directions(problem: Problem, gradient: Tensor) -> dict[str, Tensor]:
    """Unit vectors along ∇J(θ), and at random."""
    found = {"gradient": gradient}
    for i in range(DIRECTIONS):
        rng = stream(problem.seed, problem.environment["name"], "off_policy", "limit", i)
        found[f"random {i + 1}"] = torch.from_numpy(rng.standard_normal(len(gradient)))
    return {name: way / way.norm() for name, way in found.items()}


def _target(problem: Problem, way: Tensor, distance: float) -> Tensor:
    """θ' at this distance; at a small one by the quadratic that every KL begins as."""

    def kl(length: float) -> float:
        return float(problem.ask("kl", problem.theta + length * way))

    if distance < DISTANCES[-1]:
        return problem.theta + TINY * (distance / kl(TINY)) ** 0.5 * way
    return problem.theta + length_at(kl, distance) * way
