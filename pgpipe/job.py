"""The frame of every job: it writes a log, dies with its parent, and leaves records of what it made."""

import ctypes
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pgpipe.provenance import write_records

ROOT = Path(__file__).resolve().parent.parent

terminals: list[int] = []  # where this process wrote its messages before they went to its log


@contextmanager
def job(snakemake: Any) -> Iterator[dict[str, Any]]:
    """Run a script's body as the job that `snakemake` describes; gives the job's spec.

    The log starts with the rule and the spec, so a failure names what failed.
    """
    _die_with_parent()
    spec: dict[str, Any] = snakemake.params.spec
    log = Path(snakemake.log[0])
    with log.open("w", encoding="utf-8") as file:
        file.write(f"rule {snakemake.rule}\nspec {json.dumps(spec, sort_keys=True)}\n")
    terminals.append(os.dup(2))
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    yield spec
    files = set(snakemake.input.code)
    made = {
        "rule": snakemake.rule,
        "spec": spec,
        "inputs": sorted(path for path in snakemake.input if path not in files),
        "code": sorted(os.path.relpath(path, ROOT) for path in files),  # the same wherever the run was made
        "log": str(log),
    }
    write_records(made, snakemake.output)


def announce(line: str) -> None:
    """Say something in the job's log and to whoever watches Snakemake."""
    for descriptor in (2, *terminals):
        os.write(descriptor, f"{line}\n".encode())


def _die_with_parent() -> None:
    """Where the system can (Linux), end this job when Snakemake is killed, or it would go on writing."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG
