"""All walks through a small room in which nobody slips."""

from itertools import product

import numpy as np
from scipy.special import softmax

from pgpipe.envs.grid import GridVectorEnv, neighbour
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles.outcomes import Floats, Outcomes


def outcomes(theta: Floats, environment: EnvironmentSpec) -> Outcomes:
    """Every start with every sequence of moves, up to the goal or the horizon.  theta (S * 4,).

    Raises `ValueError` for a room in which one slips: there are too many walks.
    """
    grid = GridVectorEnv(**environment["kwargs"])
    if grid.slip:
        raise ValueError(f"kwargs.slip: found {grid.slip}; allowed: 0, as walks are listed")
    cells, moves = _walks(grid)  # (M, T+1), (M, T)
    mask = np.arange(grid.horizon) < (moves >= 0).sum(1, keepdims=True)
    pi = softmax(theta.reshape(-1, 4), axis=1)[cells[:, :-1]]  # (M, T, 4)
    chosen = np.eye(4)[moves] * mask[..., None]
    scores = np.zeros((*mask.shape, grid.size**2, 4))
    m, t = np.nonzero(mask)
    scores[m, t, cells[m, t]] = (chosen - pi)[m, t]
    seen = np.pad(mask, ((0, 0), (1, 0)), constant_values=True)  # what a walk observes, its end included
    return Outcomes(
        probabilities=np.where(mask, (chosen * pi).sum(-1), 1.0).prod(1) / grid.goal,
        obs=np.eye(grid.size**2)[cells] * seen[..., None],
        rewards=((cells[:, 1:] == grid.goal) & mask).astype(float),
        scores=scores.reshape(*mask.shape, -1),
        mask=mask,
    )


def _walks(grid: GridVectorEnv) -> tuple[np.ndarray, np.ndarray]:
    """Cells and moves of every walk; after the goal it stays there, by moves of -1."""
    found = set()
    for start, *moves in product(range(grid.goal), *[range(4)] * grid.horizon):
        cells, made = [start], []
        for move in moves:
            here = cells[-1]
            over = here == grid.goal
            made.append(-1 if over else move)
            cells.append(here if over else int(neighbour(np.array(here), np.array(move), grid.size)))
        found.add((tuple(cells), tuple(made)))
    cells_of, moves_of = zip(*sorted(found), strict=True)
    return np.array(cells_of), np.array(moves_of)
