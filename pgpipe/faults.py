"""Where an environment gave what is no number: the first such reward or observation of a batch."""

from dataclasses import dataclass
from math import inf, nan

import torch

from pgpipe.trajectories import Trajectories

# What may be found, by its number.
FOUND = tuple(f"{what} {value}" for what in ("observation", "reward") for value in (nan, inf, -inf))


@dataclass(frozen=True)
class Fault:
    """A reward or an observation that is no number; step 0 shows the first observation."""

    episode: int  # of the batch, from 0
    step: int
    found: str  # one of `FOUND`

    def __str__(self) -> str:
        return f"{self.found} at step {self.step} of episode {self.episode}"


def first_fault(batch: Trajectories) -> Fault | None:
    """The earliest in its episode, if there is one; episodes end with it.  (N, T)."""
    rows, last = torch.arange(batch.n_trajectories), batch.lengths
    # an observation comes first: where it is no number, the reward is made none
    shown = (
        ("observation", batch.obs[:, 0], 0 * last),
        ("observation", batch.final_obs, last),
        ("reward", batch.rewards[rows, last - 1][:, None], last),
    )
    found = [
        Fault(episode, step, f"{what} {_first(values[episode])}")
        for what, values, steps in shown
        for episode, step in _lost(values, steps)
    ]
    return min(found, key=lambda fault: (fault.step, fault.episode), default=None)


def _lost(values: torch.Tensor, steps: torch.Tensor) -> list[tuple[int, int]]:
    """Episodes whose values (N, D) are not all numbers, and the step of each (N,)."""
    episodes = torch.nonzero(~values.isfinite().all(-1)).flatten()
    return list(zip(episodes.tolist(), steps[episodes].tolist(), strict=True))


def _first(values: torch.Tensor) -> float:
    return values[~values.isfinite()][0].item()
