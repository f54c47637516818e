"""Names at lines' ends keep clear of each other and near their lines."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Annotation

from pgpipe.lecture.common.labels import EDGE, End, label_ends, plain_numbers, signed, spread, two_figures


@pytest.fixture
def ax():
    _, ax = plt.subplots()
    yield ax
    plt.close("all")


def test_heights_that_are_apart_stay():
    assert spread([0.2, 0.5, 0.8], 0.1) == pytest.approx([0.2, 0.5, 0.8])


def test_heights_that_touch_move_apart_by_as_little_as_may_be():
    """Two equal ones move by half of the distance each; a crowd at the top moves down as a whole."""
    assert spread([0.5, 0.5], 0.1) == pytest.approx([0.45, 0.55])
    top = 1 - EDGE
    assert spread([0.99, 1.0, 1.7], 0.1) == pytest.approx([top - 0.2, top - 0.1, top])


@pytest.mark.parametrize("n", [1, 3, 30])
def test_heights_rise_by_the_distance_asked_for(n):
    """Even where they do not fit: then they begin at the bottom."""
    heights = np.random.default_rng(0).uniform(size=n)
    moved = np.array(spread(np.sort(heights), 0.1))
    assert np.all(np.diff(moved) >= 0.1 - 1e-12)
    assert moved[0] >= EDGE


def test_names_stand_beside_their_ends_and_outside_of_lines_that_reach_the_edge(ax):
    ax.set(xlim=(0, 10), ylim=(0, 1))
    label_ends(ax, [End(5, 0.5, "inside", "k"), End(4, 0.2, "lower", "k")])
    label_ends(ax, [End(10, 0.9, "outside", "k")])
    label_ends(ax, [])
    label_ends(ax, [End(10, float("nan"), "lost", "k")])
    places = {text.get_text(): text.xyann for text in ax.findobj(Annotation)}
    assert places == {
        "lower": pytest.approx((0.53, 0.2)),
        "inside": pytest.approx((0.53, 0.5)),
        "outside": pytest.approx((1.03, 0.9)),
    }


def test_numbers_are_short():
    assert [two_figures(x) for x in (15_990.3, 640.7, 1.12, 0.0691)] == ["16,000", "640", "1.1", "0.069"]
    assert [signed(x) for x in (-0.2, 0.15)] == ["−0.2", "+0.15"]


@pytest.mark.parametrize(("top", "numbers"), [(20, [1, 2, 5, 10, 20]), (1000, [1, 10, 100, 1000])])
def test_a_long_axis_has_numbers_at_powers_alone(ax, top, numbers):
    ax.set(yscale="log", ylim=(1, top))
    plain_numbers(ax.yaxis)
    assert [tick for tick in ax.get_yticks() if 1 <= tick <= top] == numbers
