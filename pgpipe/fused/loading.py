"""The compiled code, read from the disk, or compiled where it was never used, ahead of the first job."""

from functools import cache

import numpy as np
import torch

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.fused.compiled_network import CompiledRegression
from pgpipe.fused.fisher import FusedFisher
from pgpipe.fused.recording import FusedRecording
from pgpipe.policies.categorical import CategoricalMLP


@cache
def load() -> None:
    """Use all of it once: functions are the same for every environment and every policy."""
    policy = CategoricalMLP((4, 1, 2))
    episodes = ParallelEpisodes({"id": "CartPole-v1", "kwargs": {}, "max_episode_steps": 1}, 1, 2)
    recording = FusedRecording(policy, episodes, keep_tape=True)
    theta = torch.zeros(1, policy.n_parameters)
    environment, actions = ([np.random.default_rng(0)] for _ in range(2))
    recording.record(theta, environment, actions, None)
    batch = recording.batch(0)
    batch.scores(theta[0], batch.trajectories.rewards, 0.0)
    batch.log_probs(theta[0])
    fisher = FusedFisher(policy, theta[0], batch.trajectories.obs.flatten(0, 1))
    fisher(theta[0].numpy())
    fisher.kl(theta[0])
    episodes.close()
    critic, phi = CompiledRegression((4, 1, 1)), np.zeros(7, np.float32)
    critic.ascent(phi, np.zeros((1, 4), np.float32), critic.outputs(phi, np.zeros((1, 4), np.float32)))
