"""Where a table's rows were measured."""

from collections.abc import Mapping

import pandas as pd


def placed(table: pd.DataFrame, place: Mapping[str, str]) -> pd.DataFrame:
    """The table with the columns of its place in front."""
    return table.assign(**place)[[*place, *table.columns]]
