"""What the pictures of section 10 say is read off their tables."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from pgpipe.lecture.natural_gradient.figures import natural_field


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("toward", "says"),
    [
        (1.0, "For small σ the natural gradient points toward the best k, wherever walks start"),
        (-1.0, ""),
        (0.1, ""),  # less along k than along σ
    ],
)
def test_f10_says_whether_it_points_to_the_best_k(toward, says):
    rows = [(start, k, s, toward * (-0.5 - k), 0.3) for start in (1, 0) for k in (-2, 1) for s in (0.1, 0.9)]
    table = pd.DataFrame(rows, columns=["start_std", "k", "sigma", "natural_k", "natural_sigma"])
    best = pd.DataFrame({"start_std": [1, 0], "k": -0.5})
    assert natural_field.headline(table, pd.DataFrame(), best) == says
