"""What stands around a job: its log, what is forgotten before it, what it cost."""

import json
import logging
import os
import resource
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from pgpipe.jobs.placing import remove_unplaced
from pgpipe.jobs.provenance import RECORDS


def open_log(path: str, rule: str, spec: Mapping[str, Any]) -> None:
    """Start the log with what the job is, and have all messages go there."""
    try:
        Path(path).write_text(f"rule {rule}\nspec {json.dumps(spec, sort_keys=True)}\n", "utf-8")
    except OSError as error:
        error.filename = path
        raise
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    logging.basicConfig(format="%(message)s")
    logging.getLogger("pgpipe").setLevel(logging.INFO)


def told_in_log(path: str, line: str) -> int | str:
    """Say why a job failed: its exit status if the log could be written, or else the line itself."""
    try:
        sys.stdout.flush()
        with Path(path).open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")
    except OSError:
        return line
    return 1


def forget(outputs: Iterable[str], timing: Path) -> None:
    """Remove a job's outputs, what is said of them, and what whoever was killed has left of them."""
    for output in outputs:
        for path in (Path(output), RECORDS / f"{output}.json"):
            remove_unplaced(path)
            path.unlink(missing_ok=True)
    timing.unlink(missing_ok=True)


def cost(started: float) -> dict[str, float]:
    """What this process has taken since it started on its job."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": round(monotonic() - started, 3),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
        "max_memory_mb": round(used.ru_maxrss / 1024, 1),
    }
