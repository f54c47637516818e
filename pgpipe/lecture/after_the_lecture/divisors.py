"""What dividing a sum of losses by lengths does to its direction, by the size of the batch (P19, E46)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import trajectory_gradients
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.lecture.after_the_lecture.angles import Plane, cosines, together
from pgpipe.lecture.after_the_lecture.divisor_identities import (
    Lines,
    angles_row,
    composed,
    divisor_identities,
)
from pgpipe.oracles import prompts, two_decisions
from pgpipe.oracles.batches import drawn_batches
from pgpipe.oracles.divisors import Baseline, expected_gradient
from pgpipe.oracles.outcomes import Outcomes
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]

TWO_DECISIONS = "two decisions"  # the problem of math.md, whose trajectories are drawn from a list
BASELINES: tuple[Baseline, ...] = ("none", "exact", "mean")


class DivisorsSpec(TypedDict):
    """Sizes of batches, how many of them, and a line for each divisor, without and with the others' mean."""

    seed: int
    environment: EnvironmentSpec  # prompts of a softmax table
    batch_sizes: list[int]
    replicates: int
    lines: dict[str, dict[str, PlainEstimatorSpec]]  # by divisor, by baseline: none or mean


@dataclass(frozen=True)
class Problem:
    """All trajectories of a problem with its exact gradient, and batches of them that were sampled."""

    name: str
    listed: Outcomes
    J: float
    gradient: Floats
    longest: int
    batches: Trajectories  # (R, N, T)
    scores: Floats  # (R, N, P), each trajectory's sum


def compare_divisors(spec: DivisorsSpec) -> dict[str, pd.DataFrame]:
    """The mean estimate's angle to ∇J, exact and measured, and both sides of E46."""
    problems = [_two_decisions(spec), _prompts(spec)]
    directions = divisor_directions(spec, problems)
    identities = []
    for problem in problems:
        own = directions[directions["environment"] == problem.name]
        batch = problem.batches.split()[0]
        written = divisor_identities(batch, problem.listed, problem.longest, spec["lines"])
        both = pd.concat([written, angles_row(own, len(directions))])
        identities.append(both.assign(environment=problem.name))
    return {"divisor_directions": directions, "divisor_identities": pd.concat(identities)}


def divisor_directions(spec: DivisorsSpec, problems: list[Problem]) -> pd.DataFrame:
    """Rows of `divisor_directions.csv`: by problem, divisor, baseline and size of the batch."""
    cases = [
        (problem, divisor, baseline, n)
        for problem, divisor, baseline, n in product(problems, spec["lines"], BASELINES, spec["batch_sizes"])
        if n > 1 or baseline != "mean"
    ]
    table = pd.DataFrame([_row(spec, *case, len(cases)) for case in cases])
    return table.assign(replicates=spec["replicates"])


def _row(
    spec: DivisorsSpec, problem: Problem, divisor: str, baseline: Baseline, n: int, looks: int
) -> Mapping[str, object]:
    exact = expected_gradient(problem.listed, divisor, baseline, n, problem.longest)
    estimator = estimator_of(spec["lines"][divisor], baseline, problem)
    plane = plane_of(problem, exact)
    angle = together(plane.measured(estimates(problem, estimator, n)), looks)
    exact_angle = plane.degrees(exact)
    named = {"environment": problem.name, "divisor": divisor, "baseline": baseline, "batch_size": n}
    return (
        named
        | {"exact": float(np.cos(np.radians(exact_angle)))}
        | dict(zip(("cosine", "cosine_low", "cosine_high"), cosines(angle), strict=True))
        | {"exact_degrees": exact_angle}
        | angle.named("degrees", "degrees_low", "degrees_high")
        | _parts(problem, exact)
    )


def _parts(problem: Problem, exact: Floats) -> dict[str, float]:
    """E ĝ and ∇J of the two decisions, number by number; of the prompts there are too many."""
    two = problem.name == TWO_DECISIONS
    mean, gradient = (exact, problem.gradient) if two else (np.full(2, np.nan),) * 2
    return {
        "long": mean[0], "right": mean[1], "exact_long": gradient[0], "exact_right": gradient[1],
    }  # fmt: skip


def plane_of(problem: Problem, exact: Floats) -> Plane:
    """That of ∇J and E ĝ; where both point the same way, that of each trajectory's own length."""
    by_each = expected_gradient(problem.listed, "each", "none", 1, problem.longest)
    return Plane.through(problem.gradient, exact, by_each)


def estimator_of(lines: Lines, baseline: Baseline, problem: Problem) -> Estimator:
    """The line's estimator; the exact baseline is J itself."""
    estimator = composed(lines["mean" if baseline == "mean" else "none"], problem.longest)
    if baseline != "exact":
        return estimator
    return replace(estimator, baseline=lambda credit: torch.full_like(credit, problem.J))


def estimates(problem: Problem, estimator: Estimator, n: int) -> Floats:
    """ĝ of the first n of every batch, whose total returns weigh all steps of a trajectory alike.  (R, P)."""
    batches = problem.batches.first(n)
    weights = estimator.weighted_advantages(batches)[..., 0].numpy()  # of the first step, (R, n)
    return np.einsum("rn,rnp->rp", weights, problem.scores[:, :n]) / n


def _two_decisions(spec: DivisorsSpec) -> Problem:
    theta = np.array(two_decisions.LOGITS)
    listed, (J, gradient) = two_decisions.outcomes(theta), two_decisions.exact(theta)
    rng = stream(spec["seed"], "two decisions", "batches")
    shape = (spec["replicates"], max(spec["batch_sizes"]))
    drawn = rng.choice(len(listed.probabilities), shape, p=listed.probabilities)
    batches = drawn_batches(listed, torch.zeros(listed.mask.shape, dtype=torch.int64), drawn)
    scores = listed.scores.sum(1)[drawn]
    return Problem(TWO_DECISIONS, listed, J, gradient, two_decisions.LONG, batches, scores)


def _prompts(spec: DivisorsSpec) -> Problem:
    environment = spec["environment"]
    theta = policy_for(environment).initial(stream(spec["seed"], environment["name"], "initial", 0))
    listed = prompts.outcomes(theta.numpy(), environment)
    J, gradient = prompts.exact(theta.numpy(), environment)
    made = sample_batches(
        environment, theta, spec["seed"], ("divisors",), spec["replicates"], max(spec["batch_sizes"])
    )
    parts = list(made)
    batches = Trajectories.concatenate(parts)
    scores = np.concatenate(list(_scores(environment, theta, parts)))
    longest = listed.mask.shape[1]
    return Problem(environment["name"], listed, J, gradient, longest, batches, scores)


def _scores(environment: EnvironmentSpec, theta: torch.Tensor, parts: list[Trajectories]) -> Iterator[Floats]:
    """Each trajectory's sum of scores.  -> (R', N, P) of every part."""
    policy = policy_for(environment)
    for part in parts:
        rows = trajectory_gradients(policy, theta, part.joined(), part.mask.flatten(0, 1).double())
        yield rows.unflatten(0, part.mask.shape[:2]).numpy()
