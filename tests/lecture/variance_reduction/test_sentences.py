"""What section 5 says in numbers follows its tables, or is left out."""

import pandas as pd
import pytest

from pgpipe.lecture.variance_reduction.sentences import (
    coin_in_numbers,
    does_it_pay,
    lever_in_numbers,
    which_estimator,
    worth_in_trajectories,
)

ESTIMATORS = pd.DataFrame(
    [("total_return", "total_return", "none", "none"), ("to_go", "reward_to_go", "none", "none"),
     ("scaled", "reward_to_go", "mean", "normalized advantages")],
    columns=["estimator", "signal", "baseline", "bias"],
).assign(importance="none", exact_value=False, per_parameter=False, needs_others=False, value="critic",
         score_discount=True, normalize=False, gae_lambda=0.95, whole_trajectory=False, direction="vanilla",
         self_normalize=False, state_ratios=False, corrects="nothing", needs_groups=False)  # fmt: skip


def contributions(to_go=(0.0, 2.0), mean=(1.0, 1.0)):
    """Two trajectories of one step, as likely: by the total return they add 0.5 and 1.5."""
    return pd.DataFrame(
        {"environment": "coin", "policy": "untrained", "trajectory": [0, 1], "probability": 0.5, "step": 0,
         "total_return": [0.5, 1.5], "reward_to_go": to_go, "return_mean": mean}
    )  # fmt: skip


def test_the_coin_says_what_one_trajectory_adds():
    """Variance 0.25 by the total return and 1 by the reward to go, about the mean 1."""
    said = coin_in_numbers(contributions())
    assert "adds 0.5 (50 %) or 1.5 (50 %) with the total return, and 0 (50 %) or 2 (50 %)" in said
    assert "the mean is 1 both times, the variance 0.25 and 1: 4 times as much" in said


@pytest.mark.parametrize("to_go", [(0.5, 1.5), (1.0, 1.0), (0.75, 1.25)])
def test_where_no_variance_rises_nothing_is_said(to_go):
    assert coin_in_numbers(contributions(to_go)) == ""
    assert lever_in_numbers(contributions()) == ""
    assert coin_in_numbers(contributions().head(0)) == ""


QUALITY = {"environment": "line", "policy": "half_trained", "batch_size": 8}


def quality(*rows):
    columns = ["estimator", "variance_ratio", "variance_ratio_low", "variance_ratio_high"]
    return pd.DataFrame(rows, columns=columns).assign(**QUALITY)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [("to_go", 0.25, 0.2, 0.5)],
            "On the line, half-trained, one trajectory with *to go* is worth 4 [2, 5]",
        ),
        ([("to_go", 0.25, 0.2, 1.1)], ""),
        ([("scaled", 0.1, 0.05, 0.2), ("to_go", 0.5, 0.4, 0.8)], "*to go* is worth 2 [1.25, 2.5]"),
        ([("scaled", 0.1, 0.05, 0.2)], ""),
        ([], ""),
    ],
)
def test_worth_is_one_over_the_variance(rows, words):
    said = worth_in_trajectories(quality(*rows), ESTIMATORS)
    assert words in said
    assert bool(words) == bool(said)


def learning(ends=(100.0, 150.0), odds=(0.9, 0.8, 0.95)):
    """Two recipes of three updates on the line, and how likely the second ends higher."""
    summary = pd.DataFrame(
        [("line", name, name, update, end * share, end * share - 1, end * share + 1)
         for name, end in zip(("total_return", "to_go"), ends, strict=True)
         for update, share in ((0, 0.0), (1, 0.7), (2, 1.0))],
        columns=["environment", "estimator", "recipe", "update", "iqm", "low", "high"],
    )  # fmt: skip
    names = ["probability", "low", "high"]
    improvement = pd.DataFrame([odds], columns=names).assign(recipe="to_go", other="total_return")
    return summary, improvement, ESTIMATORS


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "ends at 100 [99, 101]; *to go* ends at 150 [149, 151], and after 1 update is as far as the other after 2; "
             "a run with *to go* ends above one with the total return in 90 % of pairs [80 %, 95 %]"),
        ({"odds": (0.5, 0.4, 0.6)}, "*to go* cannot be told from the total return: a run with *to go* ends above one "
                                    "with the total return in 50 % of pairs [40 %, 60 %]"),
        ({"ends": (100.0, 80.0), "odds": (0.1, 0.05, 0.2)}, "*to go* ends at 80 [79, 81]; a run with *to go* ends above "
                                                           "one with the total return in 10 % of pairs [5 %, 20 %]"),
    ],
)  # fmt: skip
def test_whether_it_pays_is_said_with_its_odds(given, words):
    assert words in does_it_pay(*learning(**given))


def test_nothing_is_said_of_what_was_not_trained():
    summary, improvement, estimators = learning()
    assert does_it_pay(summary[summary["estimator"] == "to_go"], improvement, estimators) == ""
    assert does_it_pay(summary, improvement.head(0), estimators) == ""
    assert does_it_pay(summary, improvement, estimators.head(0)) == ""


def test_a_line_for_each_estimator():
    certificate = pd.DataFrame(
        [("to_go", 0.5, 0.4, 0.6, 1.0), ("to_go", 1.5, 1.2, 1.8, 2.0), ("scaled", 0.1, 0.1, 0.1, 3.0)],
        columns=["estimator", "variance_ratio", "variance_ratio_low", "variance_ratio_high", "relative_cost"],
    )
    table = which_estimator(certificate, ESTIMATORS)
    assert "| to go | Q̂ | no | 100 % | 1 of 2 | 1 | nothing | 1 to 2 |" in table
    assert "| normalized advantages | another scale |  |  |" in table
    assert which_estimator(certificate.head(0), ESTIMATORS) == ""
    grouped = ESTIMATORS.assign(bias="own trajectory, constant divisor", needs_groups=True)
    table = which_estimator(certificate, grouped)
    assert "| own trajectory, constant divisor | another scale |  |  | a group from one start |" in table
