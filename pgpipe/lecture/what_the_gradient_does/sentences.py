"""What the text of section 3 says in numbers."""

import pandas as pd

from pgpipe.lecture.common.words import pipe_table

WEIGHTINGS = {"likelihood": "all weights one", "return_minus_mean": "return minus the mean"}


def good_and_bad_risen(step_trajectories: pd.DataFrame) -> str:
    """How many of the good and of the bad trajectories of a batch a step made more likely, by its weights."""
    rows = [
        (f"{str(environment).replace('_', ' ')}, {mark}", *counts)
        for (environment, mark), table in step_trajectories.groupby(["environment", "mark"], sort=False)
        if mark in ("good", "bad")
        if len(counts := [_risen(table, weighting) for weighting in WEIGHTINGS if _risen(table, weighting)])
        == len(WEIGHTINGS)
    ]
    return pipe_table(("Trajectories that rise, by weights", *WEIGHTINGS.values()), sorted(rows))


def _risen(table: pd.DataFrame, weighting: str) -> str:
    """`7 of 11`; nothing if there is no such step."""
    change = table.loc[table["weighting"] == weighting, "change"]
    return f"{(change > 0).sum()} of {len(change)}" if len(change) else ""
