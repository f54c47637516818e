"""How the claims of section 8 call what their rows are about."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Case, Says


def words(name: Any) -> str:
    """A name of the config as words."""
    return str(name).replace("_", " ")


def stage_words(environment: str, stage: float) -> str:
    """Where a policy is: the environment, and how far its training has come."""
    return f"{words(environment)}, " + (f"{stage:.0%} trained" if stage else "untrained")


def interval_of(row: Any, column: str) -> Interval:
    """The 95 % interval in low and high; n from the column n."""
    return Interval.from_columns(row, (column, "low", "high"), row["n"])


def cases_of(
    names: Sequence[str],
    intervals: Sequence[Interval],
    supports: pd.Series,
    refutes: pd.Series,
    quantity: str,
) -> list[Case]:
    """A case for each interval, and what it says."""
    says: list[Says] = np.select([supports, refutes], ["for", "against"], "neither").tolist()
    return [
        Case(name, interval, word, quantity)
        for name, interval, word in zip(names, intervals, says, strict=True)
    ]


def seeds_needed(difference: float, nearest: float, n: int) -> str:
    """How many seeds would tell a difference from 0, if it is as large as it looks.

    `nearest` is the end of the interval of n seeds on the side of 0; its distance goes with n^(-1/2).
    """
    if not difference:
        return "far more"
    return f"about {max(n * ((difference - nearest) / difference) ** 2, n + 1):,.0f}"
