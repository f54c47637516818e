"""What section 2 says in numbers follows its tables, or is left out."""

import pandas as pd
import pytest

from pgpipe.lecture.direct_differentiation.sentences import exact_or_large, steps_uphill


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("line", "exact", 0)], "It is known exactly on the line."),
        ([("cartpole", "sampled", 6400), ("pendulum", "sampled", 3200)],
         "On cartpole and pendulum the mean over 3,200 trajectories stands in for it, with an error of its own that "
         "every comparison carries."),
        ([("line", "exact", 0), ("cartpole", "sampled", 6400)],
         "It is known exactly on the line. On cartpole the mean over 6,400 trajectories"),
        ([], ""),
    ],
)  # fmt: skip
def test_where_the_gradient_is_known(rows, words):
    said = exact_or_large(pd.DataFrame(rows, columns=["environment", "kind", "trajectories"]))
    assert words in said
    assert bool(words) == bool(said)


def converged(*rows):
    columns = ["environment", "policy", "n_trajectories", "raised", "rmse", "gradient_norm"]
    return pd.DataFrame(rows, columns=columns)


EASY = [("line", "untrained", 4, 0.8, 2.0, 1.0), ("line", "untrained", 64, 1.0, 0.5, 1.0)]
HARD = [("line", "trained", 4, 0.4, 30.0, 1.0), ("line", "trained", 64, 0.6, 6.0, 1.0)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (EASY, "Along a gradient from 4 trajectories 80 % of the steps go up; along one from 64 all of them do."),
        (EASY + HARD, "4 trajectories 40 % to 80 % of the steps go up. Along one from 64 all do in 1 of 2 cases; "
                      "the share is lowest, 60 %, on line, trained, where even then the error of $\\hat g$ is 6 times"),
        ([(*row[:5], 0.0) for row in HARD], "the share is lowest, 60 %, on line, trained."),
        (EASY[:1], ""),
        ([(*row[:3], None, *row[4:]) for row in EASY], ""),
    ],
)  # fmt: skip
def test_how_many_steps_go_up(rows, words):
    said = steps_uphill(converged(*rows))
    assert words in said
    assert bool(words) == bool(said)
