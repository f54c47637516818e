"""The certificate of an estimator: bias, variance, signal, direction and cost, environment by environment."""

import pandas as pd
from typing_extensions import TypedDict

# How a table of the study becomes columns of the certificate.
FROM_QUALITY = ("batch_size", "replicates", "bias_z", "bias_norm", "total_variance")
RATIO = ("variance_ratio", "variance_ratio_low", "variance_ratio_high")
PLACE = ["estimator", "environment", "policy"]


class EstimatorsSpec(TypedDict):
    """The config's estimators, in its order: the columns of a row by name."""

    estimators: dict[str, dict[str, object]]


def certify_estimators(quality: pd.DataFrame, variances: pd.DataFrame, costs: pd.DataFrame) -> pd.DataFrame:
    """Rows of `certificate.csv`: every estimator in every environment at every stage, at the largest batch.

    `exact_variance` is the total variance of a batch where it is known; operations are for one environment
    step, and `relative_cost` compares them with the cheapest estimator in the same environment.
    """
    rows = quality[quality["batch_size"] == quality["batch_size"].max()]
    total = variances.assign(exact_variance=variances["variance"] / variances["batch_size"])
    total = total.groupby([*PLACE, "batch_size"], as_index=False)["exact_variance"].sum()
    price = costs.rename(columns={"per_step": "operations_per_step"})
    cheapest = price.groupby("environment")["operations_per_step"].transform("min")
    price["relative_cost"] = price["operations_per_step"] / cheapest
    table = rows.merge(total, how="left", on=[*PLACE, "batch_size"]).merge(
        price, how="left", on=["environment", "estimator"]
    )
    columns = [*FROM_QUALITY, "exact_variance", *RATIO, "snr", "cosine", "cosine_low", "cosine_high"]
    return table[[*PLACE, *columns, "operations_per_step", "relative_cost"]]


def list_estimators(spec: EstimatorsSpec) -> pd.DataFrame:
    """The estimators in the config's order, and what each is composed of: rows of `estimators.csv`."""
    table = pd.DataFrame.from_dict(spec["estimators"], orient="index")
    return table.rename_axis("estimator").reset_index()
