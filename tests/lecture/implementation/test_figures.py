"""What P12 says and shows follows its table."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from lecture.test_figures import tables

from pgpipe.lecture.implementation.figures import gradient_costs


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_what_was_not_computed_is_drawn_hollow():
    """In the sample tables all cells of a million parameters are extrapolated, and the small network's largest."""
    figure = gradient_costs.draw(tables()["gradient_costs"])
    by_samples, by_parameters = figure.axes[0], figure.axes[1]
    for ax, counted in ((by_samples, 0), (by_parameters, 0)):
        assert [line.get_markerfacecolor() == "white" for line in ax.get_lines()[::2]] == [True] * 3
        assert all(np.size(line.get_xdata()) == counted for line in ax.get_lines()[1::2])
    costs = tables()["gradient_costs"]
    costs.loc[costs["samples"] == 100, "kind"] = "counted"
    filled = gradient_costs.draw(costs).axes[0].get_lines()[1::2]
    assert [np.asarray(line.get_xdata()).tolist() for line in filled] == [[100]] * 3


def test_the_headline_compares_the_bytes_of_the_largest_case():
    costs = tables()["gradient_costs"]
    assert gradient_costs.headline(costs) == (
        "The pseudo-loss moves 500 GB, a backward pass for each sample 500 GB"
    )
    costs.loc[costs["way"] == "pseudo_loss", "bytes_moved"] = 1_123_456
    assert gradient_costs.headline(costs).startswith("The pseudo-loss moves 1.1 MB, ")
    assert gradient_costs.headline(costs[costs["way"] != "loop"]) == ""


def test_the_caption_says_what_the_rows_would_hold():
    """Or hold, where they were computed."""
    costs = tables()["gradient_costs"]
    assert gradient_costs.findings(costs) == "The rows would hold 40 GB, the pseudo-loss 40 GB."
    counted = costs.assign(kind="counted")
    assert gradient_costs.findings(counted).startswith("The rows hold 40 GB")
    assert gradient_costs.findings(costs[costs["way"] != "rows"]) == ""


def test_a_single_way_or_network_is_drawn():
    costs = tables()["gradient_costs"]
    for some in (costs[costs["way"] == "pseudo_loss"], costs[costs["parameters"] == 1000]):
        assert len(gradient_costs.draw(some).axes) == 6
