"""What section 10 says in numbers follows its tables, or is left out."""

import pandas as pd
import pytest

from pgpipe.lecture.natural_gradient.sentences import over_the_bound, which_step


def steps(*rows, direction="natural"):
    return pd.DataFrame(rows, columns=["epsilon", "ratio"]).assign(direction=direction)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (steps((1e-7, 1.0005), (0.1, 1.5), (0.1, 2.35)),
         r"up to 0.05 % at $\varepsilon = 10^{-7}$ and 135 % at $\varepsilon = 0.1$."),
        (steps((1e-7, 0.9), (0.1, 1.5)), r"up to 0 % at $\varepsilon = 10^{-7}$ and 50 % at"),
        (steps((2e-4, 1.1), (0.1, 1.5)), r"10 % at $\varepsilon = 0.0002$"),
        (steps((1e-7, 1.0), (0.1, 0.9)), ""),
        (steps((0.1, 2.0)), ""),
        (steps((1e-7, 1.1), (0.1, 1.5), direction="vanilla"), ""),
        (steps(), ""),
    ],
)  # fmt: skip
def test_by_how_much_a_step_goes_over_its_bound(table, words):
    said = over_the_bound(table)
    assert words in said
    assert bool(words) == bool(said)


def ranges(**other):
    row = {"environment": "line", "direction": "natural", "key": "kl", "decades": 2.5, "low": 2.0, "high": 3.0,
           "low_censored": False, "high_censored": False}  # fmt: skip
    return pd.DataFrame([row | other])


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (ranges(), "| along F⁻¹ĝ, to a KL bound | 2.5 [2, 3] |"),
        (ranges(decades=1.0), "| along F⁻¹ĝ, to a KL bound | 1 [2, 3] |"),
        (ranges(low_censored=True), "| ≥ 2.5 [2, 3] |"),
        (ranges(direction="vanilla", key="learning_rate"), "| α ĝ | 2.5 [2, 3] | ĝ |"),
        (
            pd.concat([ranges(), ranges(environment="grid", key="learning_rate")]),
            "| 2.5 [2, 3] | not tried |",
        ),
    ],
)
def test_a_line_for_each_kind_of_step(table, words):
    assert words in which_step(table)


def test_without_ranges_there_is_no_table():
    assert which_step(ranges().head(0)) == ""
