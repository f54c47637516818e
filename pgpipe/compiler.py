"""Which engine computes rollouts and gradients: the compiled code of `pgpipe/fused`, or the plain code."""

import os
from importlib import metadata

PLAIN = "plain"


def _chosen() -> str:
    """numba with its version, found without importing it; plain where it is not there or not wanted."""
    unwanted = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
    if unwanted or os.environ.get("PGPIPE_ENGINE") == PLAIN:
        return PLAIN
    try:
        return f"numba {metadata.version('numba')}"
    except metadata.PackageNotFoundError:
        return PLAIN


# Results depend on it, so it counts as code of the jobs that may use it.
ENGINE = _chosen()
COMPILES = ENGINE != PLAIN
