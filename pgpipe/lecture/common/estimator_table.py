"""What figures and claims ask of `estimators.csv`: columns, where a name of the config would say nothing."""

import pandas as pd


def composed_of(
    estimators: pd.DataFrame, *, bias: str = "none", importance: str = "none", **parts: str
) -> list[str]:
    """The estimators with these entries in their columns, in the config's order.

    Unless a bias is named, those whose expectation is ∇J; unless weights are, those of the own samples.
    """
    wanted = {"bias": bias, "importance": importance, **parts}
    fits = pd.Series(True, index=estimators.index)
    for column, entry in wanted.items():
        fits &= estimators[column] == entry
    return list(estimators.loc[fits, "estimator"])


def biased_by_making(estimators: pd.DataFrame) -> dict[str, list[str]]:
    """The estimators whose expectation is not ∇J, or need not be, whatever the number of batches, and why."""
    biased = estimators[estimators["bias"] != "none"]
    return {row.estimator: str(row.bias).split(", ") for row in biased.itertuples()}
