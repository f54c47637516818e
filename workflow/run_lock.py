"""One run at a time in a folder: a lock that is gone with the process that held it.

Snakemake's own lock outlives a Snakemake that is killed, so the profile turns it off.
"""

import errno
import os
import platform
import sys
from datetime import datetime
from pathlib import Path

LOCK = Path(".snakemake/pgpipe/lock")

# What a file system answers that knows no such locks.
NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}


class HeldError(Exception):
    """Another run has the lock; the text says which, in one line."""


def take(lock: Path = LOCK) -> int:
    """Take the lock of a folder until this process ends, or closes the descriptor that is returned.

    Where the file system knows no locks, say so and go on.  Raises `HeldError` if another run has it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    locked = _lock(descriptor)
    if locked is False:
        holder = os.read(descriptor, 1000).decode().strip() or "a process that has not said yet which it is"
        os.close(descriptor)
        raise HeldError(
            f"{Path.cwd()}: found a run at work in this folder ({holder}); allowed: one at a time. "
            "Wait until it has ended, or run elsewhere: --directory"
        )
    if locked is None:
        print(f"note: {Path.cwd()} knows no file locks: let only one run be at work in it", file=sys.stderr)
    os.truncate(descriptor, 0)
    who = f"process {os.getpid()} on {platform.node()}, since {datetime.now():%Y-%m-%d %H:%M:%S}\n"
    os.write(descriptor, who.encode())
    return descriptor


def is_held(lock: Path = LOCK) -> bool:
    """Whether a run is at work in the folder, as far as locks tell."""
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        return _lock(descriptor) is False
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Whether the lock could be taken; None where there are none."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except ImportError:
        return None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        return None
    return True
