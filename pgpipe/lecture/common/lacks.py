"""Why nothing can be made of tables: they have no row, or hold no number."""

from collections.abc import Iterator, Mapping

import pandas as pd


def why_not(error: Exception, tables: Mapping[str, pd.DataFrame]) -> str:
    """What the tables lack, in words; where they lack nothing, what went wrong."""
    return "; ".join(_lacks(tables)) or f"{type(error).__name__}: {error}"


def _lacks(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """What each table lacks: rows, or all numbers of some columns."""
    for name, table in tables.items():
        lost = [column for column in table.select_dtypes("number") if table[column].isna().all()]
        if table.empty:
            yield f"{name} has no row"
        elif lost:
            yield f"{name} has no number in {', '.join(lost)}"
