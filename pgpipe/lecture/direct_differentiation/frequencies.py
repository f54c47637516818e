"""How often real rollouts take each trajectory, against its probability (E8)."""

from collections import Counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.dynamics.density import Listing, TrajectoryDensity
from pgpipe.lecture.common.identity_rows import Row, identity_row
from pgpipe.trajectories import Trajectories

Floats = NDArray[np.float64]

# A cell of a χ² test expects at least this many; the rarer ones are one cell together.
FEWEST = 5


def frequency_rows(
    density: TrajectoryDensity, theta: Tensor, listing: Listing, rollouts: Trajectories
) -> list[Row]:
    """Real rollouts take each trajectory as often as p says (E8), where all trajectories are listed.

    Kind `frequencies`: χ², whose mean are its degrees of freedom. With so few rollouts that every trajectory
    is rare there is nothing to compare.
    """
    if not listing.finite:
        return []
    p = density.prob(theta, listing.trajectories).numpy()
    statistic, freedom = chi_square(frequencies(listing.trajectories, rollouts), p)
    what, n = "χ² of the frequencies against p", rollouts.n_trajectories
    row = identity_row("E8", what, "frequencies", statistic, freedom, 1.0, n)
    return [row] if freedom > 0 or statistic == np.inf else []


def frequencies(everything: Trajectories, rollouts: Trajectories) -> NDArray[np.int64]:
    """How often each of the M listed trajectories was met, and at last any that no list has.  -> (M + 1,)."""
    met = Counter(_keys(rollouts))
    listed = [met.pop(key, 0) for key in _keys(everything)]
    return np.array([*listed, met.total()])


def chi_square(counts: NDArray[np.int64], p: Floats) -> tuple[float, int]:
    """Pearson's Σ (n_i - N p_i)² / (N p_i) of counts (M + 1,), p (M,), and its degrees of freedom.

    What was met though its probability is zero makes it infinite.
    """
    expected = counts.sum() * p
    rare = expected < FEWEST
    n = np.append(counts[:-1][~rare], counts[:-1][rare].sum())
    e = np.append(expected[~rare], expected[rare].sum())
    if counts[-1] or (n[e == 0] > 0).any():
        return np.inf, len(n) - 1
    n, e = n[e > 0], e[e > 0]
    return float(((n - e) ** 2 / e).sum()), len(n) - 1


def _keys(batch: Trajectories) -> list[bytes]:
    """A name for each trajectory, the same if and only if the trajectories are the same."""
    parts = (batch.obs.flatten(1), batch.actions, batch.mask, batch.final_obs)
    return [row.tobytes() for row in torch.cat([part.double() for part in parts], dim=1).numpy()]
