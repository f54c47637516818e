"""F x = g by conjugate gradient and by a dense solve: do both agree, how the residual falls (C27, P16)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.lecture.common.parameters import study_parameters
from pgpipe.natural.conjugate_gradient import conjugate_gradient
from pgpipe.natural.fisher import Fisher, dense_fisher, fisher_product
from pgpipe.policies.policy import Policy
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream

# λ of the systems that are solved in double precision, beside the one without damping.
DAMPING = 1e-3
# λ of those in single precision, relative to the largest eigenvalue: a condition number of about a hundred.
SINGLE_DAMPING = 0.01
# Above so many parameters F is not solved without damping: where it is singular, that takes its eigenvectors.
SMALL = 200
# Without damping a system is solved only where its condition number is below this.
WELL = 1e6
# An eigenvalue below this share of the largest is zero.
ZERO = 1e-10
ITERATIONS = 1_500
RESIDUAL = 1e-11
# States at which F is taken: so many fit a dense solve.
STATES = 400


class SolvesSpec(TypedDict):
    """Environments whose Fisher matrices are solved both ways, on the states of so many episodes."""

    seed: int
    environments: list[EnvironmentSpec]
    episodes: int


class Problem(NamedTuple):
    """A policy, where it stands, states it visits, and an estimate of ∇J there; all in double precision."""

    policy: Policy
    theta: Tensor
    obs: Tensor
    gradient: Tensor


def solve_all(spec: SolvesSpec) -> dict[str, pd.DataFrame]:
    """`fisher_solves`: conjugate gradient against the dense solution; `fisher_residuals`: the way there."""
    solves, residuals = [], []
    for environment in spec["environments"]:
        problem = pose(environment, spec["seed"], spec["episodes"])
        start = stream(spec["seed"], environment["name"], "fisher", "largest").standard_normal(
            len(problem.theta)
        )
        for row, path in _compared(problem, torch.from_numpy(start)):
            key = {"environment": environment["name"], "parameters": len(problem.theta)}
            solves.append(key | {"states": len(problem.obs)} | row)
            if row["precision"] == "double" and row["damping"] > 0:
                residuals.append(
                    pd.DataFrame({"iteration": range(len(path)), "residual": path}).assign(**key)
                )
    return {
        "fisher_solves": pd.DataFrame(solves),
        "fisher_residuals": pd.concat(residuals)[["environment", "parameters", "iteration", "residual"]],
    }


def pose(environment: EnvironmentSpec, seed: int, episodes: int) -> Problem:
    """From rollouts at parameters a little off the untrained policy's; g is E11's estimate on its states."""
    policy = policy_for(environment)
    theta = study_parameters(policy, stream(seed, environment["name"], "fisher"))
    (batches,) = sample_batches(environment, theta, seed, ("fisher",), 1, episodes)
    batch = batches.split()[0].in_double()
    policy, theta = replace(policy, dtype=torch.float64), theta.double()  # type: ignore[type-var]
    obs, actions = batch.obs[batch.mask][:STATES], batch.actions[batch.mask][:STATES]
    centred = batch.returns - batch.returns.mean()
    if not centred.any():  # no reward was met: any scores do
        centred = torch.linspace(-1, 1, len(centred), dtype=centred.dtype)
    credit = centred[:, None].expand(batch.mask.shape)[batch.mask][:STATES]
    parameters = theta.clone().requires_grad_()
    weighted = credit @ policy.log_prob(parameters, obs, actions) / episodes
    return Problem(policy, theta, obs, torch.autograd.grad(weighted, parameters)[0])


def _compared(problem: Problem, start: Tensor) -> Iterator[tuple[dict[str, Any], list[float]]]:
    """A row for each precision and damping, with the residuals of conjugate gradient.

    The search for a large matrix's largest eigenvalue begins at `start` (P,).
    """
    F = dense_fisher(*problem[:3])
    if len(F) > SMALL:
        largest = float(torch.lobpcg(F, k=1, X=start[:, None])[0])  # without X it starts anywhere
    else:
        largest = float(torch.linalg.eigvalsh(F)[-1])
    # E42 as it is typeset, by two derivatives of the KL, against all scores of E40
    by_kl, by_scores = fisher_product(*problem[:3])(problem.gradient), F @ problem.gradient
    product_off = float((by_kl - by_scores).norm() / by_scores.norm())
    for precision, damping in (("double", 0.0), ("double", DAMPING), ("single", SINGLE_DAMPING * largest)):
        if damping == 0 and (len(F) > SMALL or _condition(F, largest, damping) > WELL):
            continue
        dense = dense_solution(F, problem.gradient, damping)
        double = precision == "double"
        dtype = torch.float64 if double else torch.float32
        policy = replace(problem.policy, dtype=dtype)  # type: ignore[type-var]
        product = Fisher(policy, problem.theta.to(dtype), problem.obs.to(dtype))
        found = conjugate_gradient(
            product, problem.gradient.numpy(), iterations=ITERATIONS,
            residual=RESIDUAL if double else 1e-6, damping=damping,
        )  # fmt: skip
        difference = float((torch.from_numpy(found.x) - dense).norm() / dense.norm())
        row = {"precision": precision, "damping": damping, "condition": _condition(F, largest, damping)}
        row |= {"iterations": found.iterations, "residual": found.residuals[-1], "stopped": found.stopped}
        row |= {"difference": difference, "product_difference": product_off}
        yield row, found.residuals


def _condition(F: Tensor, largest: float, damping: float) -> float:
    """Largest over least eigenvalue of F + λI; without damping the least is that of what F can reach."""
    if damping:
        return (largest + damping) / damping  # F has more parameters than states can fix, or nearly so
    sizes = torch.linalg.eigvalsh(F)
    return largest / float(sizes[sizes > ZERO * largest][0])


def dense_solution(F: Tensor, g: Tensor, damping: float) -> Tensor:
    """(F + λI)⁻¹g, and without damping F⁺g, as F may be singular.  (P, P), (P,) -> (P,)."""
    if damping == 0:
        return torch.linalg.pinv(F, hermitian=True, rtol=ZERO) @ g
    root = torch.linalg.cholesky(F + damping * torch.eye(len(F), dtype=F.dtype))
    return torch.cholesky_solve(g[:, None], root)[:, 0]
