"""What a long training leaves behind as it goes, so that one that is killed does not start anew."""

import json
import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from time import monotonic

from safetensors.torch import load_file, save_file
from torch import Tensor

from pgpipe.training.loop import Training

FOLDER = Path("checkpoints")

# Seconds between two checkpoints.
SAVE_EVERY = 20.0


class Checkpoint:
    """A file of tensors in `checkpoints/<hash of the spec and the code>/`, beside the spec they belong to.

    Whatever a job's result depends on is in the name, so a state is never taken up by a training that would
    have gone another way.
    """

    def __init__(self, spec: Mapping[str, object], code: str) -> None:
        self.spec = json.dumps(spec, sort_keys=True)
        self.folder = FOLDER / sha256(f"{code} {self.spec}".encode()).hexdigest()[:16]
        self.file = self.folder / "state.safetensors"

    def load(self) -> dict[str, Tensor] | None:
        """The latest state, None if there is none."""
        return load_file(self.file) if self.file.exists() else None

    def save(self, state: Mapping[str, Tensor]) -> None:
        """Write it beside the last one, then in its place: whoever looks finds one or the other, whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "spec.json").write_text(self.spec, encoding="utf-8")
        new = self.folder / f"state.{os.getpid()}.new"
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, new)
        new.replace(self.file)

    def clear(self) -> None:
        """Forget it: the training is done, and its result on disk."""
        rmtree(self.folder, ignore_errors=True)


def resumed(
    training: Training, checkpoint: Checkpoint | None, notes: Mapping[str, Tensor]
) -> Iterator[Training]:
    """The updates of a training, from where an earlier one was killed; its state is saved now and then.

    `notes` are what is written down at each update, saved with the state and filled in again from it.
    Without a checkpoint these are just the updates.
    """
    if checkpoint is None:
        yield from training.updates()
        return
    if saved := checkpoint.load():
        training.restore(saved)
        for name, note in notes.items():
            note.copy_(saved[f"notes.{name}"])
    saved_at = monotonic()
    for _ in training.updates():
        if monotonic() - saved_at >= SAVE_EVERY:
            checkpoint.save(training.state() | {f"notes.{name}": note for name, note in notes.items()})
            saved_at = monotonic()
        yield training
