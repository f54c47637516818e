"""What a natural direction costs by conjugate gradient and densely, by number of parameters (P16, C27)."""

from collections.abc import Callable
from math import isqrt
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pgpipe.lecture.common.operations import OperationCount
from pgpipe.lecture.natural_gradient.fisher_solves import DAMPING, SolvesSpec, dense_solution
from pgpipe.natural.conjugate_gradient import conjugate_gradient
from pgpipe.natural.fisher import Fisher, dense_fisher, fisher_product
from pgpipe.policies.categorical import CategoricalMLP
from pgpipe.seeding import stream

# When conjugate gradient has done enough for a step, as in training.
RESIDUAL, ITERATIONS = 0.01, 50
# Vectors of P float64 numbers that it holds: g, x, r, p, F p.
VECTORS = 5
# Operations for each parameter in an iteration, beside the product: three sums of products, three updates.
PER_PARAMETER = 12
# A dense solve is timed up to so many parameters; what it takes beyond is known all the same.
DENSE = 3_000
# By computation that is timed, the column of its operations.
COUNTED = {
    "gradient": "gradient_operations",
    "Fisher product by automatic differentiation": "product_operations",
    "conjugate gradient": "cg_operations",
    "dense solve": "dense_operations",
}
# Observed numbers and actions of the policies: CartPole's.
OBSERVED, ACTIONS = 4, 2


class FisherSpec(SolvesSpec):
    """The same, and the networks whose costs are counted: numbers of parameters, and states in the batch."""

    parameters: list[int]
    steps: int


def network_of(parameters: int) -> CategoricalMLP:
    """A network with two hidden layers of one width, as near to so many parameters as that comes."""
    about = isqrt(parameters)  # the square of a width and a little more
    widths = range(max(1, about - OBSERVED - ACTIONS), about + 2)
    networks = [CategoricalMLP((OBSERVED, width, width, ACTIONS)) for width in widths]
    return min(networks, key=lambda network: abs(network.n_parameters - parameters))


def count_costs(spec: FisherSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`fisher_costs`, counted; and the seconds of the same computations, for the page of costs alone.

    Operations of a gradient and of a Fisher product are counted where both are written plainly, by automatic
    differentiation. A dense solve forms F from the score of every action, 2 S |A| P², and takes P³/3 to
    factorise; it holds P² float64 numbers. Conjugate gradient holds a few vectors and a few numbers for every
    neuron and state.
    """
    rows, seconds = [], []
    for size in spec["parameters"]:
        policy, rng = network_of(size), stream(spec["seed"], "fisher costs", size)
        theta = policy.initial(rng)
        obs = torch.as_tensor(rng.standard_normal((spec["steps"], OBSERVED)), dtype=policy.dtype)
        actions = torch.as_tensor(rng.integers(0, ACTIONS, spec["steps"]))
        credit = torch.as_tensor(rng.standard_normal(spec["steps"]), dtype=policy.dtype)
        row, times = _at_one_size(policy, theta, obs, actions, credit)
        rows.append(row)
        for computation, elapsed in times.items():
            name = f"{computation}, {policy.n_parameters} parameters, {spec['steps']} steps"
            operations = row.get(COUNTED.get(computation, ""))
            seconds.append({"computation": name, "operations": operations, "seconds": elapsed})
    return pd.DataFrame(rows), pd.DataFrame(seconds)


def _at_one_size(
    policy: CategoricalMLP, theta: Tensor, obs: Tensor, actions: Tensor, credit: Tensor
) -> tuple[dict[str, Any], dict[str, float]]:
    """A row of the table, and seconds by computation."""
    P, S, times = policy.n_parameters, len(obs), {}

    def score_sum() -> Tensor:
        parameters = theta.clone().requires_grad_()
        weighted = credit @ policy.log_prob(parameters, obs, actions) / S
        return torch.autograd.grad(weighted, parameters)[0]

    with OperationCount() as gradient:
        g = score_sum()
    times["gradient"] = _seconds(score_sum)
    with OperationCount() as first:
        product = fisher_product(policy, theta, obs)
    with OperationCount() as each:
        product(g)
    times["Fisher product by automatic differentiation"] = _seconds(lambda: product(g))
    fast = Fisher(policy, theta, obs)
    times["Fisher product from a tape"] = _seconds(lambda: fast(g.numpy()))
    start = perf_counter()
    found = conjugate_gradient(fast, g.numpy(), iterations=ITERATIONS, residual=RESIDUAL, damping=DAMPING)
    times["conjugate gradient"] = perf_counter() - start
    if P <= DENSE:
        start = perf_counter()
        dense_solution(dense_fisher(policy, theta, obs).double(), g.double(), DAMPING)
        times["dense solve"] = perf_counter() - start
    neurons = sum(policy.widths)
    row = {
        "parameters": P, "steps": S, "gradient_operations": gradient.total, "product_operations": each.total,
        "product_over_gradient": each.total / gradient.total, "iterations": found.iterations,
        "residual": found.residuals[-1],
        "cg_operations": first.total + found.iterations * (each.total + PER_PARAMETER * P),
        "dense_operations": 2 * S * ACTIONS * P**2 + P**3 // 3,
        "cg_bytes": 8 * VECTORS * P + 4 * 3 * S * neurons, "dense_bytes": 8 * P**2,
    }  # fmt: skip
    return row, times


def _seconds(compute: Callable[[], Any], times: int = 3) -> float:
    """The least of a few runs, after one that does not count."""
    compute()
    measured = []
    for _ in range(times):
        start = perf_counter()
        compute()
        measured.append(perf_counter() - start)
    return float(np.min(measured))
