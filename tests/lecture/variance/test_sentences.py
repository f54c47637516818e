"""What section 4 says in numbers follows its tables, or is left out."""

import pandas as pd
import pytest

from pgpipe.lecture.variance.sentences import policy_after_each_step, worth_of_the_best_constant

CASES = ("returns", "constant_added", "good_at_zero")


def steps(means=(0.5, -0.8, 0.25), cases=CASES):
    rows = pd.DataFrame(
        {"case": cases, "new_mean": means[: len(cases)], "new_spread": [1.0, 2.0, 0.9][: len(cases)]}
    )
    return rows.assign(mean=0.0, spread=1.5)


def test_where_each_step_leads():
    said = policy_after_each_step(steps())
    assert (
        "from 0.00 to 0.50 with the returns as they are, to −0.80 with the constant added and to 0.25" in said
    )
    assert said.endswith("its spread goes from 1.50 to 1.00, 2.00 and 0.90.")
    assert "to −0.30 with" in policy_after_each_step(steps((-0.3, 0.0, 0.0)))
    assert policy_after_each_step(steps(cases=CASES[:2])) == ""


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("k", 1.0, 3.0, 1.0)], "The best constant leaves 25 % for μ of the variance at $c = 0$."),
        ([("k", 1.0, 3.0, 1.0), ("sigma", 1.0, 1.0, -1.0)], "25 % for μ and 50 % for σ"),
        ([("k", 1.0, 3.0, 0.0)], ""),
        ([], ""),
    ],
)
def test_what_the_best_constant_leaves(rows, words):
    """Least variance over least + curvature c²."""
    columns = ["parameter", "least_variance", "curvature", "best_constant"]
    said = worth_of_the_best_constant(pd.DataFrame(rows, columns=columns))
    assert words in said
    assert bool(words) == bool(said)
