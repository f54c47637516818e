"""What a long training leaves behind as it goes, so that one that is killed does not start anew."""

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

FOLDER = Path("checkpoints")


class Checkpoint:
    """A file of tensors in `checkpoints/<hash of the spec and the code>/`, beside the spec they belong to.

    Whatever a job's result depends on is in the name, so a state is never taken up by a training that would
    have gone another way.
    """

    def __init__(self, spec: Mapping[str, Any], code: str) -> None:
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
