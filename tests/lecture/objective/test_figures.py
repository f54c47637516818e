"""P1 says how the error falls only where its table tells."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from pgpipe.lecture.objective.figures.objective_error import draw, findings, headline


def errors(power, relative=0.01, sizes=(1, 4, 16)):
    """Two stages whose error falls as N^power, with intervals of a relative half-width."""
    rows = [
        (stage, n, scale * n**power) for stage, scale in (("untrained", 2.0), ("trained", 0.5)) for n in sizes
    ]
    table = pd.DataFrame(rows, columns=["policy", "n_trajectories", "rmse"])
    ends = {"rmse_low": table["rmse"] * (1 - relative), "rmse_high": table["rmse"] * (1 + relative)}
    return table.assign(environment="line", replicates=400, **ends)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (errors(-0.5), "Four times the trajectories, half the error of Ĵ"),
        (errors(-0.25), "The error of Ĵ falls as N^(-0.25), not as N^(-0.5)"),
        (errors(-0.5, relative=0.5), "More trajectories, a smaller error of Ĵ"),
        (errors(-0.5, sizes=(4,)), ""),
        (errors(-0.5).assign(rmse=0.0, rmse_low=0.0, rmse_high=0.0), ""),
    ],
)
def test_p1_says_how_the_error_falls(table, says):
    assert headline(table) == says


def test_the_caption_of_p1_says_the_slope_where_it_is_known():
    assert findings(errors(-0.5)).startswith(
        "Each point is from 400 batches. The slope of all together is -0.50"
    )
    assert findings(errors(-0.5, sizes=(4,))) == "Each point is from 400 batches."


def test_no_stage_of_p1_hides_another():
    """Points of one N stand apart, and each line passes through its own points."""
    table = errors(-0.5)
    ax = draw(table).axes[0]
    lines = [line for line in ax.get_lines() if line.get_linestyle() == "-"]
    points = [line for line in ax.get_lines() if line.get_linestyle() == "None"]
    for line, mark in zip(lines, points, strict=True):
        assert line.get_xydata() == pytest.approx(mark.get_xydata())
    places = [np.asarray(mark.get_xdata())[0] for mark in points]
    assert places[1] / places[0] == pytest.approx(1.2)
    plt.close("all")


def test_p1_stands_a_stage_whose_returns_never_differ():
    table = errors(-0.5)
    table.loc[table["policy"] == "trained", ["rmse", "rmse_low", "rmse_high"]] = 0.0
    figure = draw(table)
    figure.canvas.draw()
    (ax,) = figure.axes
    low, high = ax.get_ylim()
    assert 0 < low < 0.5 < 2 < high  # the other stage's errors, from N = 16 to 1
    points = [
        np.asarray(line.get_ydata()).tolist() for line in ax.get_lines() if line.get_linestyle() == "None"
    ]
    assert [2.0, 1.0, 0.5] in points
    plt.close("all")
