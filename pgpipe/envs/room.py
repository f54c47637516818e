"""How many instances of an environment a job has room for, by what one takes and the job's `mem_mb`."""

import ctypes
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from pgpipe.allowance import allowed_megabytes
from pgpipe.envs.single import close, make, reset

# How much of a job's memory instances may take; the rest is for rollouts and what is made of them.
SHARE = 0.5
# Instances that are measured at most, and MB that are enough to go by.
MEASURED, ENOUGH = 8, 1.0


def room(id: str, kwargs: Mapping[str, Any]) -> int:
    """Instances of an environment that may be alive at a time, at least one."""
    megabytes = SHARE * allowed_megabytes()
    return max(1, int(megabytes / max(megabytes_of(id, json.dumps(kwargs, sort_keys=True)), 1e-3)))


@cache
def megabytes_of(id: str, kwargs: str) -> float:
    """What one more instance takes, reset once; arguments as JSON.  0 where the system does not tell (Linux).

    Measured on the second to ninth, as the first one loads what they share.
    """
    with ExitStack() as alive:
        before = grown = 0.0
        n = 0
        for n, _ in enumerate(_instances(id, json.loads(kwargs), alive)):
            if n == 0:
                before = _resident()
            grown = _resident() - before
            if n == MEASURED or grown > ENOUGH:
                break
        return max(0.0, grown) / max(1, n)


def _instances(id: str, kwargs: Mapping[str, Any], alive: ExitStack) -> Iterator[Any]:
    while True:
        env = make(id, kwargs)
        alive.callback(close, env)
        reset(env, 0)
        yield env


def _resident() -> float:
    """MB of this process, without what is free."""
    try:
        # what was freed is given back first, or the next instance would find room in it
        getattr(ctypes.CDLL(None), "malloc_trim", lambda pad: 0)(0)
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
