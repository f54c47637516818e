"""P25 says whose gradient takes the most trajectories only where its table tells."""

import pandas as pd

from pgpipe.lecture.direct_differentiation.figures.gradient_error import findings, headline


def convergence(errors, shares):
    """Errors that fall as 1/√N from those at N = 4, in lengths of ∇J, by stage, and constant shares."""
    rows = [
        ("line", stage, n, error * (4 / n) ** 0.5, shares[stage])
        for stage, error in errors.items()
        for n in (4, 16)
    ]
    table = pd.DataFrame(rows, columns=["environment", "policy", "n_trajectories", "rmse", "raised"])
    ends = {"rmse_low": table["rmse"] * 0.99, "rmse_high": table["rmse"] * 1.01}
    return table.assign(gradient_norm=1.0, replicates=100, **ends)


def test_p25_says_whose_gradient_takes_the_most_trajectories():
    trained = "Trained policies take the most trajectories for a step upward"
    fall = "Four times the trajectories, half the error of ĝ"
    longest, shortest = {"untrained": 2.0, "trained": 60.0}, {"untrained": 60.0, "trained": 2.0}
    rarest, likeliest = {"untrained": 0.9, "trained": 0.6}, {"untrained": 0.6, "trained": 0.9}
    assert headline(convergence(longest, rarest)) == trained
    assert headline(convergence(longest, likeliest)) == fall
    assert headline(convergence(shortest, rarest)) == fall
    assert headline(convergence({"untrained": 2.0}, rarest)) == fall


def test_the_error_of_p25_is_relative():
    """A trained policy whose ∇J is long has a short error, however large it is."""
    table = convergence({"untrained": 2.0, "trained": 60.0}, {"untrained": 0.9, "trained": 0.6})
    table.loc[table["policy"] == "trained", "gradient_norm"] = 100.0
    assert headline(table).startswith("Four times")


def test_the_caption_of_p25_says_the_slope():
    table = convergence({"untrained": 2.0, "trained": 60.0}, {"untrained": 0.9, "trained": 0.6})
    assert findings(table).startswith("The error's slope, all series together, is -0.50")
    assert findings(table[table["n_trajectories"] == 4]) == ""
