"""The lecture's ladder of estimators, from the total return to a value baseline, and their formulas."""

import pandas as pd

from pgpipe.lecture.common.estimator_table import composed_of

# Signal and baseline of each rung; from one to the next a sum gets smaller.
RUNGS = (
    ("total_return", "none"),
    ("reward_to_go", "none"),
    ("reward_to_go", "mean"),
    ("reward_to_go", "value"),
)

# What a step is credited with and what is subtracted, as formulas; other parts have their names alone.
SIGNALS = {"total_return": "R", "reward_to_go": "Q̂", "gae": "GAE", "td": "TD"}
BASELINES = {
    "mean": "mean",
    "batch_mean": "batch mean",
    "group_mean": "group’s mean",
    "group_batch_mean": "group’s own mean",
    "time_mean": "mean per step",
    "optimal": "best constants",
    "batch_optimal": "batch’s best",
    "value": "V",
}


def rungs(estimators: pd.DataFrame) -> list[str]:
    """The unbiased estimator of each rung, the first in the config; without those that it has not."""
    found = [composed_of(estimators, signal=signal, baseline=baseline)[:1] for signal, baseline in RUNGS]
    return [name for names in found for name in names]


def formulas(estimators: pd.DataFrame) -> dict[str, str]:
    """An estimator as credit less baseline: `Q̂ − mean`; empty where a part has no short name."""
    return {str(row["estimator"]): _formula(row) for row in estimators.to_dict("records")}


def _formula(row: dict[str, object]) -> str:
    signal, baseline = SIGNALS.get(str(row["signal"])), BASELINES.get(str(row["baseline"]), "")
    if signal is None or (not baseline and row["baseline"] != "none"):
        return ""
    exact = ", exact" if row["value"] == "exact" and baseline == "V" else ""
    if signal in ("GAE", "TD"):  # V is in them already
        return signal + exact if baseline in ("", "V") else ""
    more = ", scaled" if row["normalize"] else "" if row["score_discount"] else ", no γᵗ"
    return (f"{signal} − {baseline}" if baseline else signal) + exact + more
