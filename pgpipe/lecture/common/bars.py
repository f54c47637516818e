"""Intervals as error bars."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def bars(
    rows: pd.DataFrame, column: str, unit: Any = 1.0, *, logarithmic: bool = False
) -> NDArray[np.float64]:
    """How far a column's interval reaches below and above it, over the unit.  -> (2, n), as `errorbar` asks.

    Nothing where there is no interval; nor below on a logarithmic axis, if it reaches zero.
    """
    value, *ends = (np.asarray(rows[f"{column}{end}"] / unit, np.float64) for end in ("", "_low", "_high"))
    low, high = np.fmin(*ends), np.fmax(*ends)  # a negative unit turns them round
    if logarithmic:
        low = np.where(low > 0, low, value)
    return np.nan_to_num([value - low, high - value]).clip(0)
