"""All trajectories that can happen, with their probabilities: expectations without sampling."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Outcomes:
    """M trajectories of at most T steps, of a problem without truncation.

    | field         | shape       | meaning                                                   |
    |---------------|-------------|-----------------------------------------------------------|
    | probabilities | (M,)        | of each trajectory, or its weight in a quadrature         |
    | obs           | (M, T+1, D) | s_0, …, s_T, zero after the end                           |
    | rewards       | (M, T)      | r_t                                                       |
    | scores        | (M, T, P)   | ∇log π_θ(a_t|s_t), zero after the end                     |
    | mask          | (M, T)      | whether the step happened                                 |
    """

    probabilities: Floats
    obs: Floats
    rewards: Floats
    scores: Floats
    mask: NDArray[np.bool_]

    def mean(self, values: Floats) -> Floats:
        """E[x].  (M, ...) -> (...)."""
        return np.tensordot(self.probabilities, values, 1)

    def covariance(self, x: Floats, y: Floats) -> Floats:
        """Cov(x, y).  (M, ...), (M, ...) of one shape -> (...)."""
        return self.mean(x * y) - self.mean(x) * self.mean(y)


def normal_nodes(dimensions: int, nodes: int) -> tuple[Floats, Floats]:
    """Gauss-Hermite quadrature: (M, dimensions) standard normal numbers and their weights (M,).

    Exact for polynomials of degree 2 nodes - 1 in every dimension.
    """
    x, w = np.polynomial.hermite_e.hermegauss(nodes)
    grid = np.array(list(product(x, repeat=dimensions)))
    weights = np.array(list(product(w / w.sum(), repeat=dimensions))).prod(1)
    return grid, weights
