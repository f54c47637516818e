"""What section 6 says in numbers follows its tables, or is left out."""

import pandas as pd
import pytest

from pgpipe.lecture.off_policy.sentences import (
    direction_of_old_samples,
    infinite_though_near,
    sample_left,
    updates_from_a_batch,
    which_weights,
)

FORMS = ("none", "trajectory", "per_decision", "first_order")
ESTIMATORS = pd.DataFrame(
    [(form, "total_return" if form == "trajectory" else "reward_to_go", form) for form in FORMS],
    columns=["estimator", "signal", "importance"],
).assign(baseline="none", bias="none")


def weights(*shares, environment="cartpole", horizon=20):
    """Trajectories at growing distances along the gradient, by the shares of them that are left."""
    return pd.DataFrame({"effective_share": shares}).assign(
        environment=environment,
        direction="gradient",
        horizon=horizon,
        n=1000,
        distance=[0.1, 0.3, 1.0][: len(shares)],
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (weights(0.9, 0.5, 0.1), "On cartpole, where episodes are longest, 1,000 old trajectories are worth 500 at "
                                 "0.3 nats, and 100 at 1 nat."),
        (pd.concat([weights(0.9, 0.5, 0.1), weights(0.8, 0.2, environment="line", horizon=30)], ignore_index=True), "On the line"),
        (weights(0.9, 0.5), "are worth 900 at 0.1 nats, and 500 at 0.3 nats."),
        (weights(0.9), ""),
        (weights(), ""),
        (weights(0.9, 0.5).assign(direction="random 1"), ""),
    ],
)  # fmt: skip
def test_what_is_left_of_a_sample(table, words):
    said = sample_left(table)
    assert words in said
    assert bool(words) == bool(said)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [(0.5, 4, 200), (0.2, 9, 200)],
            "within 200 steps is 0.2 nats away; there it is infinite from step 9 on",
        ),
        ([(0.5, 0, 200)], ""),
        ([], ""),
    ],
)
def test_the_nearest_policy_with_infinite_variance(rows, words):
    said = infinite_though_near(pd.DataFrame(rows, columns=["kl", "first_infinite", "farthest"]))
    assert words in said
    assert bool(words) == bool(said)


def gradients(old=-0.2, weighted=0.5, environment="grid"):
    """A row for each form at one nat."""
    return pd.DataFrame({"estimator": FORMS}).assign(
        environment=environment, direction="gradient", distance=1.0, cosine=[old, 0.3, weighted, 0.9],
        exact_bias=[2.0, 0.0, 0.0, 0.25], variance_ratio=[0.5, 1.0, 0.2, 0.1],
    )  # fmt: skip


AT_GRID = weights(0.5, environment="grid", horizon=20)


@pytest.mark.parametrize(
    ("table", "words", "not_said"),
    [
        (gradients(), "at 1 nat along $\\nabla J$ the cosine", "in turn"),
        (
            gradients(),
            "is −0.20 without weights, and 0.50 with E29, on the grid. Unweighted steps lead downhill",
            "in turn",
        ),
        (gradients(old=0.2), "is 0.20 without weights", "downhill"),
        (gradients(weighted=float("nan")), "", "cosine"),
        (gradients().head(0), "", "cosine"),
    ],
)
def test_the_direction_of_old_samples(table, words, not_said):
    said = direction_of_old_samples(table, AT_GRID, ESTIMATORS)
    assert words in said
    assert not_said not in said


def test_a_line_for_each_form_that_was_tried():
    table = which_weights(gradients(), AT_GRID, ESTIMATORS)
    assert "| none, as if new | likelihood of old actions | 2 | 50 % | nothing |" in table
    assert "| per decision, E29 | ∇J(θ′) | 0 | 20 % |" in table
    assert "| first order, E34 | old rewards and states | 0.25 | 10 % |" in table
    assert "no future" not in table
    assert which_weights(gradients(), weights(0.5, environment="grid", horizon=1), ESTIMATORS) == ""


def updates(*rows):
    columns = ["estimator", "reuse", "iqm", "low", "high"]
    return pd.DataFrame(rows, columns=columns).assign(batch=12)


ONCE = ("none", 1, 100.0, 90.0, 110.0)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [ONCE, ("first_order", 2, 150.0, 140.0, 160.0)],
            "2 updates with first-order weights end highest, at 150 [140, 160].",
        ),
        (
            [ONCE, ("none", 4, 105.0, 95.0, 115.0)],
            "4 updates with no weights end highest, at 105 [95, 115], which cannot",
        ),
        (
            [ONCE, ("none", 8, 50.0, 40.0, 60.0)],
            "Without weights, 8 updates end at 50 [40, 60], lower than a single one.",
        ),
        ([ONCE], ""),
        ([], ""),
    ],
)
def test_updates_from_one_batch(rows, words):
    said = updates_from_a_batch(updates(*rows), ESTIMATORS)
    assert words in said
    assert bool(words) == bool(said)
