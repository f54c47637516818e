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
    | starts        | (M,)        | the number of the state it began in; None if s_0 says it  |
    """

    probabilities: Floats
    obs: Floats
    rewards: Floats
    scores: Floats
    mask: NDArray[np.bool_]
    starts: NDArray[np.int64] | None = None

    def by_start(self) -> list[tuple[float, "Outcomes", NDArray[np.int64]]]:
        """Each start's probability, what can happen from there, and which of these outcomes that are."""
        starts = self.starts
        if starts is None:
            starts = np.unique(self.obs[:, 0], axis=0, return_inverse=True)[1].reshape(-1)
        return [self._of(np.flatnonzero(starts == start)) for start in np.unique(starts)]

    def _of(self, own: NDArray[np.int64]) -> tuple[float, "Outcomes", NDArray[np.int64]]:
        chance = self.probabilities[own].sum()
        obs, rewards, scores, mask = self.obs[own], self.rewards[own], self.scores[own], self.mask[own]
        return float(chance), Outcomes(self.probabilities[own] / chance, obs, rewards, scores, mask), own

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
