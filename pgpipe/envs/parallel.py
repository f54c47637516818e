"""Any Gymnasium environment as rows that run one episode each, with a random stream for every agent."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import load_env_creator
from gymnasium.vector import SyncVectorEnv, VectorEnv
from gymnasium.wrappers.vector import FlattenObservation
from numpy.typing import NDArray

from pgpipe.envs import BATCHED
from pgpipe.envs.streams import AgentStreams


class ParallelEpisodes:
    """`agents` × `episodes` environments of one kind, agent by agent; each runs one episode to its end.

    Every environment has a quota of one: taking the first episodes that finish would over-represent short
    ones. `spec` holds `id`, `kwargs` and `max_episode_steps`.
    """

    def __init__(self, spec: Mapping[str, Any], agents: int, episodes: int) -> None:
        self.agents = agents
        self.episodes = episodes
        rows = agents * episodes
        limit = {} if spec["max_episode_steps"] is None else {"max_episode_steps": spec["max_episode_steps"]}
        self.batched = spec["id"] in BATCHED
        self.env: VectorEnv
        if self.batched:
            create: Callable[..., Any] = load_env_creator(BATCHED[spec["id"]])
            self.env = create(rows, **limit, **spec["kwargs"])
        else:
            self.env = _one_by_one(spec["id"], rows, limit | spec["kwargs"])

    def reset(self, generators: Sequence[np.random.Generator]) -> NDArray[Any]:
        """Start all episodes, those of agent i from its generator.  -> obs (agents * episodes, D)."""
        if self.batched:
            self.env.np_random = AgentStreams(generators)  # type: ignore[assignment]
            return self.env.reset()[0]
        seeds = [int(seed) for g in generators for seed in g.integers(2**31, size=self.episodes)]
        return self.env.reset(seed=seeds)[0]  # type: ignore[arg-type]

    def step(self, actions: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """-> obs (rows, D), rewards, terminated, truncated (rows,).  Rows that are over return anything."""
        return self.env.step(actions)[:4]

    def close(self) -> None:
        """Free what the environments hold."""
        self.env.close()


def _one_by_one(id: str, rows: int, kwargs: Mapping[str, Any]) -> VectorEnv:
    """Environments without a batched form, stepped in turn; observations flattened, discrete ones one-hot."""
    env = SyncVectorEnv([lambda: gymnasium.make(id, **kwargs) for _ in range(rows)])
    space = env.single_observation_space
    plain = isinstance(space, gymnasium.spaces.Box) and len(space.shape) == 1
    return env if plain else FlattenObservation(env)
