"""F6 says where the baseline helps beyond chance, and only there."""

import pandas as pd
import pytest

from pgpipe.lecture.variance_reduction.figures.baseline_step import findings, headline

NONE = pd.DataFrame()


def batches(environment, gain, policies=8):
    """Correlations of policies to which subtracting the mean adds `gain` beyond chance, give or take 0.05."""
    rows = []
    for seed in range(policies):
        noise = 0.05 * (-1) ** seed
        rows += [(seed, "total_return", 0.2, 0.1), (seed, "return_minus_mean", 0.5 + gain + noise, 0.4)]
    table = pd.DataFrame(rows, columns=["seed", "weighting", "correlation", "permuted"])
    return table.assign(environment=environment)


@pytest.mark.parametrize(
    ("gains", "says"),
    [
        ({"cartpole": 0.2, "line": 0.3}, "With the mean subtracted a step follows the returns more closely"),
        (
            {"cartpole": 0.2, "line": 0.0},
            "With the mean subtracted a step follows the returns more closely on cartpole",
        ),
        (
            {"cartpole": 0.0, "line": -0.3},
            "With the mean subtracted a step does not clearly follow the returns more closely",
        ),
    ],
)
def test_f6_says_where_the_baseline_helps(gains, says):
    table = pd.concat([batches(environment, gain) for environment, gain in gains.items()])
    assert headline(NONE, table) == says


def test_the_caption_of_f6_says_by_how_much():
    assert findings(NONE, batches("cartpole", 0.2)).startswith("Beyond chance the baseline adds 0.20 [0.")


def test_one_policy_alone_says_nothing():
    one = batches("cartpole", 0.2, policies=1)
    assert headline(NONE, one) == findings(NONE, one) == ""
