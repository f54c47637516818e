"""Marks for one's own parts of estimators: what a file among the plugins has of them.

    from pgpipe import baseline

    @baseline(source="others")
    def median(credit, mask): ...

In a package no mark is needed: a file in its folder `baselines`, `signals`, `importance` or `aggregates` is
the part of its name, as in `pgpipe/estimators`.
"""

from collections.abc import Callable
from typing import Any

from pgpipe.estimators.facts import Facts


def _mark(part: Callable[..., Any] | None = None, /, **facts: Any) -> Any:
    """Leave the function as it is; with facts, `@baseline(source="others")`, write them on it.

    The config finds marks by reading the file.  Raises `ValueError` for a fact that there is none of.
    """
    return Facts.from_declaration(**facts) if part is None else part


signal = baseline = importance = aggregate = _mark
