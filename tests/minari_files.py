"""Minari datasets for tests: rollouts written as the export writes them, and episodes made by hand."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from pgpipe.datasets.writing import dataset_files
from pgpipe.envs.single import arguments, make
from pgpipe.envs.spec import GymnasiumSpec
from pgpipe.trajectories import Trajectories


def written(folder: Path, spec: GymnasiumSpec, batch: Trajectories, log_probs: Tensor) -> Path:
    """Write trajectories (N, T) as a dataset; return the folder of its data."""
    with closing(make(spec["id"], arguments(spec))) as env:
        files = dataset_files(batch, log_probs, env, "some/rollouts-v0", {})
    data = folder / "data"
    data.mkdir(parents=True)
    (data / "main_data.hdf5").write_bytes(files["main_data"])
    (data / "metadata.json").write_bytes(files["metadata"])
    return data


def steps(T: int = 3, **changed: Any) -> dict[str, Any]:
    """An episode of T steps on a line, as Minari's buffers have it, some of it changed."""
    walk = np.arange(T + 1.0)[:, None] / 10
    last = np.arange(T) == T - 1
    return {
        "observations": walk,
        "actions": np.full((T, 1), 0.1),
        "rewards": -np.arange(1.0, T + 1),
        "terminations": last,
        "truncations": ~last & last,
        "infos": {"log_probs": np.full(T, -0.5)},
    } | changed


def by_hand(folder: Path, episodes: Sequence[Mapping[str, Any]], observed: Any, acted: Any) -> Path:
    """Write episodes as they are; return the folder of the dataset."""
    from minari.data_collector.episode_buffer import EpisodeBuffer
    from minari.dataset.minari_storage import MinariStorage

    folder.mkdir(parents=True)
    storage = MinariStorage.new((folder / "data").resolve(), observed, acted)
    storage.update_metadata({"dataset_id": "some/steps-v0", "minari_version": "0.5.4"})
    if episodes:
        storage.update_episodes([EpisodeBuffer(**episode) for episode in episodes])
    return folder
