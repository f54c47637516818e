"""Policy gradients, measured. What a notebook needs can be imported from here; see `pgpipe.api`.

Nothing is imported before it is asked for: the Snakefile imports this package, too, and has no use for torch.
"""

from typing import Any

PUBLIC = (
    "Certificate",
    "Estimator",
    "Facts",
    "Trajectories",
    "certify",
    "collect",
    "estimate",
    "exact_gradient",
    "initial",
    "make_environment",
    "make_estimator",
    "make_policy",
)


def __getattr__(name: str) -> Any:
    """A name of the public interface, from `pgpipe.api`."""
    if name not in PUBLIC:
        raise AttributeError(f"module 'pgpipe' has no attribute '{name}'. Known: {', '.join(PUBLIC)}")
    from importlib import import_module

    return getattr(import_module("pgpipe.api"), name)


def __dir__() -> list[str]:
    return [*PUBLIC]
