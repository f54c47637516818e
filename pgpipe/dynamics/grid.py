"""The grid's dynamics written down: probabilities of start and step, and the list of all its trajectories."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from torch import Tensor

from pgpipe.dynamics.density import Listing
from pgpipe.envs.grid import GridVectorEnv
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles.grid import transition_matrix
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories

# Cells and moves in turn, s_0, a_0, s_1, …, the last cell at the end.
Path = tuple[int, ...]


@dataclass(frozen=True)
class GridDynamics:
    """s_0 anywhere but on the goal, cells equally likely; P(s'|s,a) is that of the dynamic programming."""

    horizon: int
    transitions: Tensor  # (S, 4, S)

    @property
    def goal(self) -> int:
        """The last cell."""
        return len(self.transitions) - 1

    def log_start(self, obs: Tensor) -> Tensor:
        """log 1/(S - 1), for the one-hot code of any cell but the goal."""
        off_goal = 1 - obs[..., self.goal]
        return (off_goal / self.goal).log()

    def log_step(self, obs: Tensor, actions: Tensor, next_obs: Tensor) -> Tensor:
        """log P(s_{t+1}|s_t, a_t)."""
        return self.transitions[obs.argmax(-1), actions, next_obs.argmax(-1)].log()

    def list_trajectories(self, policy: Policy, theta: Tensor) -> Listing:
        """Every trajectory that can happen, whatever the policy."""
        paths: list[Path] = [(start,) for start in range(self.goal)]
        for _ in range(self.horizon):
            paths = [longer for path in paths for longer in self._continued(path)]
        trajectories = self._trajectories(paths)
        return Listing(trajectories, torch.ones(len(paths), dtype=torch.float64), finite=True)

    def _continued(self, path: Path) -> Iterator[Path]:
        """A path with one step more, in all possible ways; on the goal it is over."""
        if path[-1] == self.goal:
            yield path
            return
        for action, cell in product(range(4), range(self.goal + 1)):
            if self.transitions[path[-1], action, cell] > 0:
                yield (*path, action, cell)

    def _trajectories(self, paths: list[Path]) -> Trajectories:
        """Paths of at most T steps, padded with zeros.  -> (M, T)."""
        M, T = len(paths), self.horizon
        cells, moves = np.full((M, T + 1), -1), np.zeros((M, T), dtype=np.int64)
        for row, path in enumerate(paths):
            cells[row, : len(path[::2])] = path[::2]
            moves[row, : len(path[1::2])] = path[1::2]
        codes = np.vstack([np.eye(self.goal + 1), np.zeros(self.goal + 1)])  # cell -1 is no cell
        mask = torch.from_numpy(cells[:, 1:] >= 0)
        final = np.array([path[-1] for path in paths])
        ends = torch.ones(M, dtype=torch.bool)
        return Trajectories(
            obs=torch.from_numpy(codes[cells[:, :-1]]) * mask[..., None],
            actions=torch.from_numpy(moves),
            rewards=torch.from_numpy((cells[:, 1:] == self.goal).astype(np.float64)),
            mask=mask,
            terminated=ends,
            truncated=~ends,
            final_obs=torch.from_numpy(codes[final]),
        )


def dynamics_of(environment: EnvironmentSpec) -> GridDynamics:
    """Those of an environment's spec."""
    grid = GridVectorEnv(**environment["kwargs"])
    return GridDynamics(grid.horizon, torch.from_numpy(transition_matrix(grid.size, grid.slip)))
