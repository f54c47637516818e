"""What section 8 says in numbers follows its tables, or is left out."""

import pandas as pd
import pytest

from pgpipe.lecture.practice.sentences import (
    batches_at_equal_steps,
    noise_by_stage,
    what_is_usable,
    which_optimizer,
)


def noise(*rows):
    return pd.DataFrame(rows, columns=["environment", "learner", "stage", "snr"])


FALLING = [
    ("grid", "policy_gradient", 0.0, 8.0),
    ("grid", "policy_gradient", 0.9, 1.0),
    ("grid", "policy_gradient", 0.9, 3.0),
]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            FALLING,
            "On the grid the mean signal-to-noise ratio of a policy gradient falls from 8 untrained to 2 at 90 %.",
        ),
        (
            [*FALLING, ("grid", "supervised", 0.9, 5.0)],
            "to 2 at 90 %, where that of supervised learning is 5.",
        ),
        (
            [*FALLING, ("line", "policy_gradient", 0.0, 9.0), ("line", "policy_gradient", 0.9, 0.1)],
            "On the line",
        ),
        ([("grid", "policy_gradient", 0.0, 1.0), ("grid", "policy_gradient", 0.9, 8.0)], ""),
        ([("grid", "policy_gradient", 0.0, 1.0)], ""),
        ([("grid", "policy_gradient", 0.0, -1.0), ("grid", "policy_gradient", 0.9, float("nan"))], ""),
        ([], ""),
    ],
)
def test_noise_falls_where_it_falls_most(rows, words):
    said = noise_by_stage(noise(*rows))
    assert words in said
    assert bool(words) == bool(said)


@pytest.mark.parametrize(
    ("cosines", "words"), [([0.5, 0.5], "a cosine of 0.5 to"), ([0.5, 0.7], ""), ([], "")]
)
def test_the_bound_of_a_usable_direction(cosines, words):
    said = what_is_usable(pd.DataFrame({"usable_cosine": cosines}, dtype=float))
    assert words in said
    assert bool(words) == bool(said)


def returns(small=(180.0, 170.0, 190.0), large=(50.0, 40.0, 60.0)):
    columns = ["batch_steps", "updates", "iqm", "low", "high"]
    rows = [(1000, 64, *small), (64_000, 1, *large)]
    return pd.DataFrame(rows, columns=columns).assign(environment="grid", budget="env_steps")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (returns(), "On the grid a run with batches of 64,000 steps ends at 50 [40, 60], after 1 update; "
                    "with 1,000 it ends at 180 [170, 190], after 64."),
        (returns(large=(175.0, 160.0, 185.0)), ""),
        (returns(small=(40.0, 30.0, 50.0)), ""),
        (returns().assign(budget="updates"), ""),
        (returns().head(0), ""),
    ],
)  # fmt: skip
def test_a_large_batch_has_its_price_where_it_has(table, words):
    assert batches_at_equal_steps(table) == words


def ranges(width=0.5, **other):
    row = {"environment": "grid", "learner": "policy_gradient", "optimizer": "adam", "good": 0.9, "best_score": 0.95,
           "width": width, "width_low": 0.3, "width_high": 0.7, "from_rate": 0.01, "to_rate": 0.03,
           "low_censored": False, "high_censored": False}  # fmt: skip
    return pd.DataFrame([row | other])


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (ranges(), "| Adam | 0.01 to 0.03: 0.5 [0.3, 0.7] decades |"),
        (ranges(high_censored=True), ": ≥ 0.5 [0.3, 0.7] decades |"),
        (ranges(width=0.0), "| Adam | none; the best reaches 0.95 |"),
        (pd.concat([ranges(), ranges(optimizer="sgd", environment="line")]), "| SGD | not tried |"),
        (pd.concat([ranges(), ranges(good=0.95, width=0.1)]), "reach 0.95 |"),
    ],
)
def test_a_line_for_each_optimiser(table, words):
    assert words in which_optimizer(table)


def test_without_a_policy_gradient_there_is_no_table():
    assert which_optimizer(ranges(learner="supervised")) == ""
