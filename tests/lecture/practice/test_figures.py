"""What the figures of section 8 say and show follows their tables."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from lecture.test_figures import tables
from matplotlib.text import Text

from pgpipe.lecture.common.looks import OPTIMISERS
from pgpipe.lecture.practice.figures import batch_sizes, gradient_noise, learning_rates, supervised_ranges


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def of_p13():
    return [tables()[name] for name in ("batch_returns", "batch_directions", "batch_crossings")]


def test_p13_says_what_a_usable_direction_takes_where_the_stages_differ_most():
    returns, directions, crossings = of_p13()
    late = (crossings["environment"] == "grid") & (crossings["stage"] == 0.9)
    crossings.loc[late, ["usable_steps", "at_least"]] = 3_450.0, True
    assert batch_sizes.headline(returns, directions, crossings) == (
        "On grid a usable direction takes 900 steps untrained, >3,450 at 90%"
    )
    crossings.loc[crossings["stage"] == 0.0, "usable_steps"] = 250.0
    assert "takes ≤250 steps untrained" in batch_sizes.headline(returns, directions, crossings)
    one = crossings[crossings["stage"] == 0.5]
    assert batch_sizes.headline(returns, directions, one).endswith("a usable direction takes 900 steps")
    assert batch_sizes.headline(returns, directions, crossings.iloc[:0]) == ""


def test_p13_marks_open_intervals_and_says_how_many_seeds_have_a_direction():
    figure = batch_sizes.draw(*of_p13())
    strip = figure.axes[0]
    arrows = [line.get_marker() for line in strip.get_lines() if line.get_marker() in ("<", ">")]
    assert arrows == ["<", ">"] * 3
    notes = [text.get_text() for text in strip.findobj(Text)]
    assert notes.count("a direction in 4 of 5 seeds") == 3


def of_p14():
    names = ("learning_rate_returns", "learning_rate_ranges", "learning_rate_contrasts")
    return [tables()[name] for name in names]


def test_p14_says_where_adams_range_is_wider_at_every_bar():
    returns, ranges, contrasts = of_p14()
    say = learning_rates.headline
    assert say(returns, ranges, contrasts) == (
        "Adam tolerates more learning rates than momentum at every bar"
    )
    grid = (contrasts["environment"] == "grid") & (contrasts["good"] == 0.9)
    contrasts.loc[grid & (contrasts["optimizer"] == "adam"), "low"] = -0.1
    assert say(returns, ranges, contrasts) == (
        "Adam tolerates more learning rates than momentum on small cartpole, not clearly on grid"
    )
    contrasts["other_censored"] = True  # momentum's range may be wider than the grid
    assert say(returns, ranges, contrasts) == (
        "Adam does not clearly tolerate more learning rates than SGD with momentum"
    )
    assert say(returns, ranges, contrasts[contrasts["optimizer"] == "sgd"]) == ""


def test_the_caption_of_p14_says_how_wide_the_ranges_are():
    assert "Decades at 0.9: grid: SGD 2.0 [1.5, 2.5], momentum 0.0 [" in learning_rates.findings(*of_p14())


def test_a_range_that_the_grid_cuts_off_ends_in_an_arrow():
    """In the sample tables SGD's; and momentum, of which no learning rate is good, has no bar."""
    strip = learning_rates.draw(*of_p14()).axes[2]  # below the first environment
    arrows = [line for line in strip.get_lines() if line.get_marker() == ">"]
    assert [line.get_color() for line in arrows] == [OPTIMISERS["sgd"].colour]
    assert "none" in [text.get_text() for text in strip.findobj(Text)]


def test_p15_says_at_how_many_stages_the_supervised_gradient_is_less_noisy():
    noise = tables()["gradient_noise"]
    supervised = noise["learner"] == "supervised"
    noise.loc[supervised, "cosine"] += 0.5
    assert gradient_noise.headline(noise) == (
        "At every stage two supervised batches agree better than two of the policy gradient"
    )
    noise.loc[supervised & (noise["stage"] == 0.9) & (noise["environment"] == "grid"), "cosine"] -= 0.5
    assert gradient_noise.headline(noise) == "Two supervised batches clearly agree better at 3 of 4 stages"
    assert gradient_noise.headline(noise[supervised]) == ""
    assert gradient_noise.headline(noise[noise["seed"] == 0]) == ""  # one seed has no interval


def test_the_caption_of_p15_says_the_signal_to_noise_ratios():
    """In the sample tables 1, 10, 100 and 1000; their median by numpy's rule is 55."""
    assert gradient_noise.findings(tables()["gradient_noise"]) == (
        "Signal-to-noise ratios, medians over the seeds: policy gradient 55 to 55, supervised 55 to 55."
    )


def test_p15_says_by_how_much_the_supervised_range_is_wider_or_how_often():
    contrasts = tables()["learning_rate_contrasts"]
    assert supervised_ranges.headline(contrasts) == (
        "Supervised learning's range of learning rates is 0.5 to 0.5 decades wider"
    )
    contrasts.loc[(contrasts["environment"] == "grid") & (contrasts["good"] == 0.8), "other_censored"] = True
    assert supervised_ranges.headline(contrasts) == (
        "Supervised learning's range is clearly the wider one in 7 of 8 cases"
    )
    assert supervised_ranges.headline(contrasts[contrasts["optimizer"] != "all"]) == ""


def test_a_mean_whose_grid_ended_first_is_hollow():
    contrasts = tables()["learning_rate_contrasts"]
    contrasts["censored"] = contrasts["good"] == 0.95
    ax = supervised_ranges.draw(contrasts).axes[0]
    hollow = [line for line in ax.get_lines() if line.get_markerfacecolor() == "white"]
    assert [np.asarray(line.get_xdata()).tolist() for line in hollow] == [[0.95]]


def test_one_environment_or_optimiser_is_drawn():
    for kept in ({"environment": "grid"}, {"optimizer": "adam"}):
        given = []
        for table in of_p14():
            for column, value in kept.items():
                given.append(table[table[column] == value])
        panels = given[-1]["environment"].nunique()
        assert panels == (1 if "environment" in kept else 2)
        assert len(learning_rates.draw(*given).axes) == 2 * panels
        assert len(supervised_ranges.draw(given[-1]).axes) == panels
