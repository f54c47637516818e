"""What the reward to go averages to: Q, with an error that knows that visits share rewards."""

import numpy as np
import pandas as pd
import pytest
from samples import GRID, sample, some_theta

from pgpipe.lecture.variance_reduction.action_values import action_value_rows
from pgpipe.lecture.variance_reduction.figures.action_values import findings, headline
from pgpipe.oracles import grid


@pytest.fixture(scope="module")
def measured():
    theta = some_theta(GRID)
    batch = sample(GRID, theta, 6_000).split()[0]
    return grid.exact_action_values(theta[0].numpy(), GRID), batch


def rows(Q, batch):
    return pd.DataFrame(action_value_rows(Q, batch, GRID["gamma"]))


def test_means_are_q(measured):
    table = rows(*measured)
    z = (table["mean"] - table["exact"]) / table["standard_error"]
    assert len(table) > 20
    assert z.abs().max() < 4.5
    assert 0.5 < (z**2).mean() < 2  # errors neither too small nor too large


def test_a_wrong_q_is_seen(measured):
    Q, batch = measured
    table = rows(1.1 * Q, batch)
    assert ((table["mean"] - table["exact"]).abs() / table["standard_error"]).max() > 6


def test_visits_of_all_trajectories_are_counted(measured):
    Q, batch = measured
    table = rows(Q, batch)
    assert table["visits"].sum() == pytest.approx(float(batch.mask.sum()), abs=3)
    assert (table["q10"] <= table["q90"]).all()
    assert set(table["action"]) == set(range(Q.shape[2]))


def test_the_picture_says_what_its_table_says():
    table = pd.DataFrame(
        {"exact": [0.3, 0.5], "mean": [0.31, 0.5], "standard_error": 0.01, "q10": 0.0, "q90": 1.0}
    )
    assert headline(table)
    assert headline(table.assign(q10=0.3, q90=0.31)) == ""
    assert findings(table) == "2 of 2 intervals hold Q."
    assert findings(table.assign(mean=[0.4, 0.5])) == "1 of 2 intervals hold Q."
    assert headline(table.assign(mean=np.nan)) == findings(table.head(0)) == ""
