"""Policy gradients, measured. What a notebook needs can be imported from here; see `pgpipe.api`.

Nothing is imported before it is asked for: the Snakefile imports this package, too, and has no use for torch.
"""

from importlib import import_module
from typing import Any

# The marks for parts of one's own, which need no torch, and the rest.
MARKS = ("aggregate", "baseline", "importance", "signal")
PUBLIC = (
    "Certificate",
    "Estimator",
    "Facts",
    "Trajectories",
    *MARKS,
    "certify",
    "collect",
    "estimate",
    "exact_gradient",
    "initial",
    "make_environment",
    "make_estimator",
    "make_policy",
)


def home_of(name: str) -> str:
    """The module that `from pgpipe import name` takes something from."""
    if name in MARKS:
        return "pgpipe.own"
    return "pgpipe.api" if name in PUBLIC else f"pgpipe.{name}"


def __getattr__(name: str) -> Any:
    """A name of the public interface, from its module."""
    if name not in PUBLIC:
        raise AttributeError(f"module 'pgpipe' has no attribute '{name}'. Known: {', '.join(PUBLIC)}")
    return getattr(import_module(home_of(name)), name)


def __dir__() -> list[str]:
    return [*PUBLIC]
