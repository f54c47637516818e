"""Trajectories as a Minari dataset, whose infos hold the probabilities of its actions."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from gymnasium.spaces import Space
from torch import Tensor

from pgpipe.datasets.flat import unflat_actions, unflat_rows
from pgpipe.datasets.places import INSTALL, METADATA, is_installed
from pgpipe.errors import UserError
from pgpipe.trajectories import Trajectories

# The key of `infos` that the export writes.
LOG_PROBS = "log_probs"

# The file in which Minari keeps episodes.
DATA = "main_data.hdf5"


def dataset_files(
    batch: Trajectories,
    log_probs: Tensor,
    env: Any,
    identity: str,
    words: Mapping[str, Any],
) -> dict[str, bytes]:
    """The files of a dataset, `main_data` and `metadata`, for trajectories (N, T) in a Gymnasium environment.

    `words` are what its metadata say of it beside what Minari asks for. An action in a Box is the one that
    the policy chose, before it was clipped, as the probability is that one's.
    """
    if not is_installed():
        raise UserError(f"Minari is not installed; a Minari dataset takes {INSTALL}")
    from minari import __version__
    from minari.dataset.minari_storage import MinariStorage

    spaces = env.observation_space, env.action_space
    with TemporaryDirectory() as folder:
        data = Path(folder).resolve() / "data"  # Minari measures its size by absolute paths only
        storage = MinariStorage.new(data, *spaces, env_spec=env.spec)
        storage.update_metadata({"dataset_id": identity, "minari_version": __version__, **words})
        storage.update_episodes(_buffers(batch, log_probs, *spaces))
        metadata = json.loads((data / METADATA).read_text("utf-8"))
        text = json.dumps(metadata, sort_keys=True, indent=1) + "\n"
        return {"main_data": (data / DATA).read_bytes(), "metadata": text.encode()}


def _buffers(
    batch: Trajectories, log_probs: Tensor, observed: Space[Any], acted: Space[Any]
) -> Iterator[Any]:
    from minari.data_collector.episode_buffer import EpisodeBuffer

    ends = zip(batch.lengths.tolist(), batch.terminated.tolist(), batch.truncated.tolist(), strict=True)
    every, logs = batch.all_obs.numpy(), log_probs.numpy()
    for i, (T, terminated, truncated) in enumerate(ends):
        last = np.arange(T) == T - 1
        yield EpisodeBuffer(
            observations=unflat_rows(observed, every[i, : T + 1]),
            actions=unflat_actions(acted, batch.actions[i, :T].numpy()),
            rewards=batch.rewards[i, :T].double().numpy(),
            terminations=last & terminated,
            truncations=last & truncated,
            infos={LOG_PROBS: logs[i, :T]},
        )
