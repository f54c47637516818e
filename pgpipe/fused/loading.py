"""The compiled code, read from the disk, or compiled where it was never used, ahead of the first job."""

from functools import cache

import numpy as np
import torch
from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.envs.spec import GymnasiumSpec
from pgpipe.fused.batch import FusedBatch
from pgpipe.fused.compiled_network import CompiledRegression
from pgpipe.fused.fisher import FusedFisher
from pgpipe.fused.recording import fused
from pgpipe.policies.categorical import CategoricalMLP, SoftmaxTable
from pgpipe.policies.policy import Policy


@cache
def load() -> None:
    """Use all of it once: functions are the same for every environment and every policy."""
    policy, table = CategoricalMLP((4, 1, 2)), SoftmaxTable(4, 4)
    pole: GymnasiumSpec = {"id": "CartPole-v1", "kwargs": {}, "max_episode_steps": 1}
    room: GymnasiumSpec = {"id": "pgpipe/Grid-v0", "kwargs": {"size": 2}, "max_episode_steps": None}
    _batch(table, room)
    theta, batch = _batch(policy, pole)
    batch.log_probs(theta)
    fisher = FusedFisher(policy, theta, batch.trajectories.obs.flatten(0, 1))
    fisher(theta.numpy())
    fisher.kl(theta)
    critic, phi = CompiledRegression((4, 1, 1)), np.zeros(7, np.float32)
    critic.ascent(phi, np.zeros((1, 4), np.float32), critic.outputs(phi, np.zeros((1, 4), np.float32)))


def _batch(policy: Policy, environment: GymnasiumSpec) -> tuple[Tensor, FusedBatch]:
    """θ and a batch of two, whose gradient has been taken."""
    episodes = ParallelEpisodes(environment, 1, 2)
    recording = fused(policy, episodes, keep_tape=True)
    assert recording
    theta = torch.zeros(1, policy.n_parameters, dtype=policy.dtype)
    starts, actions = ([np.random.default_rng(0)] for _ in range(2))
    recording.record(theta, starts, actions, None)
    batch = recording.batch(0)
    batch.scores(theta[0], batch.trajectories.rewards, 0.0)
    episodes.close()
    return theta[0], batch
