"""A training in a process of its own, for tests that kill it."""

import os
from pathlib import Path

import torch

from pgpipe.training import checkpoints, curves


def train_to(path: str, spec: curves.BlockSpec) -> None:
    """Write the learning curves of `spec` to a file, with a checkpoint after every update, beside it."""
    torch.set_num_threads(1)
    os.chdir(Path(path).parent)
    checkpoints.SAVE_EVERY = 0.0
    checkpoint = checkpoints.Checkpoint(spec, "one")
    table = curves.learning_curves(spec, checkpoint)
    table.to_csv(path, index=False)
    checkpoint.clear()
