"""Certificates of the estimators, as the report shows them."""

from typing import Any

import pandas as pd
from markupsafe import Markup
from scipy.stats import t

from pgpipe.estimators.composed import DERIVED_COLUMNS
from pgpipe.intervals import Interval

# Of all rows of an estimator's certificate together, how often an unbiased one is called biased.
CHANCE = 0.05


def certificates(certificate: pd.DataFrame, estimators: pd.DataFrame) -> list[dict[str, Any]]:
    """Every estimator's parts and rows, in the config's order; a biased row says so in words."""
    found = []
    parts_alone = estimators.drop(
        columns=[name for name in DERIVED_COLUMNS if name != "bias"], errors="ignore"
    )
    for parts in parts_alone.to_dict("records"):
        rows = certificate[certificate["estimator"] == parts.pop("estimator")]
        biased = _beyond_chance(rows)
        shown = pd.DataFrame(
            {
                "environment": rows["environment"],
                "policy": rows["policy"],
                "bias (standard errors)": [
                    _biased(z, b) for z, b in zip(rows["bias_z"], biased, strict=True)
                ],
                "bias / ‖∇J‖": rows["bias_norm"],
                "variance / total return's": with_interval(rows, "variance_ratio"),
                "exact variance": rows["exact_variance"],
                "variance": rows["total_variance"],
                "signal-to-noise": rows["snr"],
                "cosine": with_interval(rows, "cosine"),
                "operations per step": rows["operations_per_step"].map("{:.0f}".format),
                "of the cheapest": rows["relative_cost"].map("{:.1f} ×".format),
            }
        )
        name = rows["estimator"].iloc[0] if len(rows) else ""
        measured = int(rows["bias_z"].notna().sum())
        summary = (
            f"biased in {int(biased.sum())} of {measured}" if biased.any()
            else f"no bias found in {measured}" if measured
            else "bias not measured"
        )  # fmt: skip
        table = Markup(shown.to_html(index=False, border=0, na_rep="", float_format="{:.3g}".format))
        found.append({"name": name, "parts": parts, "summary": summary, "table": table})
    return [entry for entry in found if entry["name"]]


def _beyond_chance(rows: pd.DataFrame) -> "pd.Series[bool]":
    """|z| > t(1 - 5 %/2m, R-1) for each of the m rows that have a z, of R replicates: Bonferroni over all."""
    measured = max(1, int(rows["bias_z"].notna().sum()))
    return rows["bias_z"].abs() > t.ppf(1 - CHANCE / 2 / measured, rows["replicates"] - 1)


def _biased(z: float, biased: bool) -> str:
    return "" if z != z else f"{z:.3g}" + (", biased" if biased else "")


def with_interval(rows: pd.DataFrame, name: str) -> list[str]:
    """`estimate [low, high]` of every row, empty where there is none."""
    found = [Interval.of_row(row, name, row["replicates"]) for row in rows.to_dict("records")]
    return [f"{interval:.3g}" if interval.is_known else "" for interval in found]
