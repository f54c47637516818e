"""Whether a run may write where it has to, asked before its first job."""

import os
from collections.abc import Iterable
from pathlib import Path

# What a run writes to, in its folder.
FOLDERS = (".snakemake", "results", "reports", "logs", "checkpoints")


def closed(top: Path, below: Iterable[str] = FOLDERS) -> str:
    """One line on the first folder of a run that it may not write to; "" if there is none."""
    walks = (os.walk(top / name) for name in below)
    for folder in (str(top), *(folder for walk in walks for folder, _, _ in walk)):
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"{folder}: found a folder that cannot be written to{_why(folder)}; no job can run"
    return ""


def _why(folder: str) -> str:
    """In brackets, what the system says of it, if it is read-only as a whole."""
    return " (read-only file system)" if os.statvfs(folder).f_flag & os.ST_RDONLY else " (no permission)"
