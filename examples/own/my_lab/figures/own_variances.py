"""Y1 Variances in the corridor

A point for each estimator of the config: the variance of its gradient estimates, relative to that of the
total return without a baseline, with its interval.

How noisy each estimator is, relative to the total return without a baseline; less is better. Bars are 95 %
intervals.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure


def draw(gradient_quality: pd.DataFrame) -> Figure:
    """One row for each estimator, at the last stage and the largest batch."""
    rows = last_stage(gradient_quality)
    figure, axes = plt.subplots(figsize=(6, 0.8 + 0.3 * len(rows)), layout="constrained")
    at, ratio = np.arange(len(rows)), rows["variance_ratio"].to_numpy()
    bounds = np.abs(rows[["variance_ratio_low", "variance_ratio_high"]].to_numpy().T - ratio)
    axes.errorbar(ratio, at, xerr=bounds, fmt="o")
    axes.margins(y=0.2)
    axes.set_yticks(at, rows["estimator"].str.replace("_", " "))
    axes.set_xlabel("variance, relative to the total return's")
    return figure


def headline(gradient_quality: pd.DataFrame) -> str:
    """The least noisy one."""
    rows = last_stage(gradient_quality).dropna(subset="variance_ratio")
    if rows.empty:
        return ""
    best = rows.loc[rows["variance_ratio"].idxmin(), "estimator"]
    return f"The least noisy estimator is {best.replace('_', ' ')}"


def last_stage(gradient_quality: pd.DataFrame) -> pd.DataFrame:
    """The rows of one environment at its last stage, with the largest batch."""
    rows = gradient_quality[gradient_quality["environment"] == gradient_quality["environment"].iloc[0]]
    rows = rows[rows["policy"] == rows["policy"].iloc[-1]]
    return rows[rows["batch_size"] == rows["batch_size"].max()]
