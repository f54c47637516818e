"""What the pictures of section 4 say is read off their tables."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from pgpipe.lecture.variance.figures import return_shift, three_samples
from pgpipe.lecture.variance.three_samples import ReturnCurve, three_tables


@pytest.fixture
def three():
    """The tables of F3, F4 and F5, in the order in which the picture asks for them."""
    curve = ReturnCurve(bad=-2.0, good=1.0, turn=0.1, width=0.8)
    return list(three_tables(0.3, 1.4, curve, constant=2.5, learning_rate=0.2, seed=3).values())


def test_three_samples_say_that_the_constant_changes_the_step(three):
    assert three_samples.headline(*three).endswith("the same samples, another step")
    samples, steps, curves = three
    steps[["new_mean", "new_spread"]] = 0.4, 1.1
    assert three_samples.headline(samples, steps, curves).endswith("hardly another step")


def test_the_caption_of_three_samples_says_the_constant_and_the_size(three):
    assert (
        three_samples.findings(*three)
        == "Here the constant is 2.5, and the size of the step $\\alpha = 0.2$."
    )


def test_three_samples_show_pushes_and_policies_as_they_are(three):
    """By column: the signs of the pushes, no push at all where the return is zero; mean and spread."""
    samples, steps, _ = three
    figure = three_samples.draw(*three)
    for middle, below, (_, group), step in zip(
        figure.axes[3:6],
        figure.axes[6:],
        samples.groupby("case", sort=False),
        steps.itertuples(),
        strict=True,
    ):
        words = [text.get_text() for text in middle.texts if text.get_text()]
        expected = [f"{p:+.2f}".replace("-", "\N{MINUS SIGN}") if p else "no push" for p in group["push"]]
        assert words == expected
        assert f"μ {step.new_mean:.2f}, σ {step.new_spread:.2f}" in below.texts[-1].get_text()
    plt.close(figure)


def directions(turned, low):
    """The steps of E11 at two constants, of which the larger turns a share of them."""
    rows = [("none", 0.0, 0.0, 0.0), ("none", 6.0, turned, low), ("mean", 6.0, 0.0, 0.0)]
    table = pd.DataFrame(rows, columns=["baseline", "constant", "turned", "turned_low"])
    return table.assign(n_trajectories=3)


def test_p2_says_how_many_steps_the_largest_constant_turns():
    empty = pd.DataFrame()
    assert (
        return_shift.headline(empty, empty, directions(0.6, 0.5))
        == "Adding 6 to every return turns 60% of 3-sample steps by more than 90°"
    )
    none = return_shift.headline(empty, empty, directions(0.0, 0.0))
    assert none == "A constant changes the variance, along a parabola"
