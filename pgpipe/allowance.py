"""The memory that a job may have, which its process is told in an environment variable."""

import os

# The variable, in MB, and what it is where nothing is said.
MEMORY, DEFAULT = "PGPIPE_MEM_MB", 4_000.0


def allow(megabytes: float) -> None:
    """Tell this process, and those that it starts."""
    os.environ[MEMORY] = str(megabytes)


def allowed_megabytes() -> float:
    """What this process may have."""
    return float(os.environ.get(MEMORY, DEFAULT))
