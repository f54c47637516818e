"""Where exact steps along E30 lead on the old policy's data (C15).

E30's expectation is g(θ') = Σ_t γᵗ E_θ'[∇log π_θ' Q^θ]: the states and actions of the new policy, the values
of the old one. It is known exactly, so there is no chance in these tables.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import takewhile

import pandas as pd
import torch
from torch import Tensor

from pgpipe.lecture.off_policy.gradients import Row
from pgpipe.lecture.off_policy.problem import Problem
from pgpipe.seeding import stream
from pgpipe.statistics import cosines

# KL from a policy to the next, in nats of a whole trajectory. A straight way of n steps has a KL of n² times
# that: six steps to the 0.1 nats that count as small, some sixty to the 10 nats where the path ends.
STEP, STEPS, FARTHEST = 0.0025, 100, 10.0
# Random directions beside the paths: J falls along some, so that to rise is no matter of course.
CONTROLS = 4
# Length ‖Δθ‖ whose KL is that of a quadratic.
TINY = 1e-3

COLUMNS = ["environment", "policy", "path", "step", "kl", "old", "reached", "cosine"]

# From a policy to the direction of its next step, both (P,).
Direction = Callable[[Tensor], Tensor]


def paths_table(problem: Problem, place: Row) -> pd.DataFrame:
    """Rows of `off_policy_paths.csv`: J along steps from θ; none where an oracle does not know E30."""
    rows = [place | row for row in _rows(problem)] if problem.known else []
    return pd.DataFrame(rows, columns=COLUMNS)


def step_along(problem: Problem, theta: Tensor, direction: Tensor) -> Tensor:
    """The policy at a KL of `STEP` from theta (P,), to second order; theta itself without a direction."""
    if not (length := float(direction.norm())):
        return theta
    tiny = TINY / length * direction
    kl = float(replace(problem, theta=theta).ask("kl", theta + tiny))
    return theta + (STEP / kl) ** 0.5 * tiny


def objective(problem: Problem, theta: Tensor) -> float:
    """J at theta (P,)."""
    return float(problem.oracle.exact(theta.numpy(), problem.environment)[0])


def old_values_gradient(problem: Problem, theta: Tensor) -> Tensor:
    """E30's exact expectation at theta (P,), the values being those of the problem's behaviour.  -> (P,)."""
    return torch.from_numpy(problem.ask("expectations", theta)["no_future"])


def _rows(problem: Problem) -> Iterator[Row]:
    problem = replace(problem, theta=problem.theta.double())

    def along(theta: Tensor) -> Tensor:
        return old_values_gradient(problem, theta)

    ways: dict[str, Direction] = {"E30": along, "against E30": lambda theta: -along(theta)}
    for i in range(CONTROLS):
        rng = stream(problem.seed, problem.environment["name"], "off_policy", "path", i)
        noise = torch.from_numpy(rng.standard_normal(len(problem.theta)))
        ways[f"random {i + 1}"] = partial(_ahead, noise)
    for name, direction in ways.items():
        yield from takewhile(lambda row: row["kl"] <= FARTHEST, _path(problem, name, direction))


def _ahead(direction: Tensor, theta: Tensor) -> Tensor:
    """The same direction everywhere."""
    return direction


def _path(problem: Problem, name: str, direction: Direction) -> Iterator[Row]:
    """J at every policy of a path, its KL from θ, and the cosine of the direction and ∇J there."""
    theta, old = problem.theta, objective(problem, problem.theta)
    for step in range(STEPS + 1):
        J, gradient = problem.oracle.exact(theta.numpy(), problem.environment)
        ahead = direction(theta)
        numbers = {"kl": float(problem.ask("kl", theta)), "old": old, "reached": float(J)}
        yield {"path": name, "step": step} | numbers | {"cosine": float(cosines(ahead.numpy(), gradient))}
        theta = step_along(problem, theta, ahead)
