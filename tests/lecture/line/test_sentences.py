"""What section 9 says in numbers follows its tables, or is left out."""

from math import inf, nan

import pandas as pd
import pytest

from pgpipe.lecture.line.sentences import best_gains, updates_by_rule


def optima(*rows):
    return pd.DataFrame(rows, columns=["horizon", "gamma", "action_cost", "k", "loss"])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [(inf, 0.95, 1.0, -0.604, 0.25), (inf, 0.95, 0.0, -1.0, 1e-12)],
            "| 1 a² | −0.604 | 25 % |\n| 0 a² | −1 | 0 % |",
        ),
        ([(inf, 0.95, 1.0, -0.6, 0.25), (inf, 1.0, 1.0, -0.618, 0.236)], "| 1 a² | −0.6 | 25 % |\n:::"),
        ([(10, 0.95, 1.0, -0.6, 0.25)], ""),
        ([], ""),
    ],
)
def test_the_best_gain_without_an_end(rows, words):
    said = best_gains(optima(*rows))
    assert words in said
    assert bool(words) == bool(said)


def updates(*rows):
    columns = ["rule", "start_std", "smooth_updates", "updates"]
    return pd.DataFrame(rows, columns=columns).assign(most=2000)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("vanilla", 1.0, 10.0, 3.0)], "| α∇J | 10 (3) |"),
        ([("vanilla", 1.0, 10.0, 10.0)], "| α∇J | 10 |"),
        ([("vanilla", 1.0, nan, 1500.0)], "| α∇J | > 2,000 (1,500) |"),
        ([("vanilla", 1.0, nan, nan), ("vanilla", 0.1, 7.0, 7.0)], "| Step | m₀ = 1 | m₀ = 0.01 |"),
        ([("vanilla", 1.0, nan, nan), ("natural", 0.1, 7.0, 7.0)], ""),
        ([], ""),
    ],
)
def test_updates_by_rule_and_start(rows, words):
    said = updates_by_rule(updates(*rows))
    assert words in said
    assert bool(words) == bool(said)
