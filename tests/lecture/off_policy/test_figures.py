"""What the figures of section 6 say and show follows their tables."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from lecture.test_figures import NAMES, composed, tables
from matplotlib.text import Text

from pgpipe.lecture.common.style import palette
from pgpipe.lecture.off_policy.figures import (
    _forms,
    batch_reuse,
    importance_weights,
    infinite_moments,
    iteration_paths,
    off_policy_error,
)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(figure):
    return {text.get_text() for text in figure.findobj(Text)}


def joined(parts):
    return pd.concat(parts, ignore_index=True)


FIVE = ("whole", "decision", "past", "first", "plain")
SIX = (*FIVE, "to_go")


def forms():
    """An estimators table of the five forms under other names, and one more."""
    signals = ["total_return", *["reward_to_go"] * 5]
    importance = ["trajectory", "per_decision", "no_future", "first_order", "none", "trajectory"]
    return composed(SIX, signal=signals, importance=importance)


def errors():
    """The error table of two environments for the six, all biased but the two that are not."""
    rows = tables()["off_policy_gradients"]
    own = rows[rows["estimator"] == NAMES[0]]
    table = joined([own.assign(estimator=e, gap=0.2, gap_low=0.1, gap_high=0.3, std=1.0) for e in FIVE])
    table.loc[table["estimator"].isin(["whole", "decision"]), ["gap", "gap_low"]] = 0.0
    table.loc[table["estimator"] == "plain", "gap"] = 0.8
    table.loc[table["estimator"] == "whole", "std"] = 4.0
    return table


def test_p8_says_what_is_left_at_the_farthest_target():
    """Of the line alone, as the bandit has one step."""
    weights = tables()["off_policy_weights"]
    assert importance_weights.headline(weights) == "At 1 nat, 5 % of the sample is left in the end"
    weights["effective_share"] = 0.5
    assert importance_weights.headline(weights) == "At 1 nat, 50 % of the sample is left in the end"
    far = joined([weights, weights.assign(environment="grid", effective_share=0.7)])
    assert importance_weights.headline(far) == "At 1 nat, 50–70 % of the sample is left in the end"
    single = weights[weights["environment"] == "bandit"].assign(effective_share=0.25)
    assert importance_weights.headline(single) == "At 1 nat, 25 % of the sample is left in the end"


def test_the_caption_of_p8_names_three_warnings_and_counts_the_others():
    weights = tables()["off_policy_weights"]
    assert importance_weights.findings(weights) == (
        "Warnings: line, gradient, 1 nats: infinite second moment; line, random 1, 1 nats: infinite second "
        "moment; bandit, gradient, 1 nats: infinite second moment; and 1 more."
    )
    quiet = weights.assign(warning=None)
    assert importance_weights.findings(quiet) == "No weight of this run carries a warning."


def test_p8_names_every_distance_and_the_quantiles():
    shown = texts(importance_weights.draw(tables()["off_policy_weights"]))
    assert {"0.01 nats", "0.1 nats", "1 nat", "median", "E[w] = 1"} <= shown


def of_p9():
    names = ("off_policy_moments", "off_policy_boundary", "off_policy_scaling", "estimators")
    return [tables()[name] for name in names]


def test_p9_says_at_which_shift_the_moment_ends_and_when():
    moments, boundary, *rest = of_p9()
    say = infinite_moments.headline
    assert say(moments, boundary, *rest) == (
        "A gain shifted by +0.10 gives weights of infinite variance after 7 steps"
    )
    at_once = boundary.assign(first_infinite=[1, 1, 0, 0, 0])
    assert say(moments, at_once, *rest) == (
        "A gain shifted by -0.10 gives weights of infinite variance after 1 step"
    )
    never = boundary.assign(first_infinite=0)
    assert say(moments, never, *rest) == (
        "No shift shown makes the weights' variance infinite within 100 steps"
    )


def test_p9_shades_nothing_where_nothing_is_infinite():
    """And then it names one region alone."""
    moments, boundary, *rest = of_p9()
    assert {"finite", "infinite"} <= texts(infinite_moments.draw(moments, boundary, *rest))
    never = infinite_moments.draw(moments, boundary.assign(first_infinite=0), *rest)
    assert "finite" in texts(never)
    assert "infinite" not in texts(never)


def test_p9_says_at_which_shift_the_cost_is_measured():
    assert "what the weights cost in variance (δ = −0.08)" in texts(infinite_moments.draw(*of_p9()))


def test_p9_says_how_far_the_measured_moments_are_off():
    """An interval of ± 0.1 is 1.96 errors; 0.1 off is as many."""
    moments, *rest = of_p9()
    off = moments.assign(measured=moments["measured"] + 0.1)
    off[["measured_low", "measured_high"]] += 0.1
    assert infinite_moments.findings(off, *rest) == "Measured moments are at most 2.0 standard errors off."
    assert infinite_moments.findings(moments.assign(measured_low=np.nan), *rest) == ""


def test_p26_says_how_far_e30_improves_or_where_it_ends():
    paths = tables()["off_policy_paths"]
    assert iteration_paths.headline(paths) == (
        "Every step along E30 ends above the old policy, up to 3.8 nats"
    )
    paths.loc[(paths["path"] == "E30") & (paths["step"] == 20), "reached"] = -3.0
    assert iteration_paths.headline(paths) == "Steps along E30 first end below the old policy at 1 nats"
    assert iteration_paths.headline(paths[paths["path"] != "E30"]) == ""


def test_p10_compares_first_order_with_none_and_with_whole_trajectories():
    """A quarter of the bias, 0.2 of 0.8, and of the spread, 1 of 4; nothing where a form is missing."""
    weights, rows = tables()["off_policy_weights"], errors()
    assert off_policy_error.headline(rows, weights, forms()) == (
        "First-order weights have 25% of the unweighted bias and 25% of E26's spread"
    )
    rows.loc[rows["estimator"] == "first", "std"] = 8.0
    assert "200% of E26's spread" in off_policy_error.headline(rows, weights, forms())
    assert off_policy_error.headline(rows[rows["estimator"] != "plain"], weights, forms()) == ""
    rows.loc[rows["estimator"] == "plain", "gap_low"] = 0.0  # no bias that could be told
    assert off_policy_error.headline(rows, weights, forms()) == ""


def test_p10_shows_the_five_forms_and_says_which_have_no_bias():
    more = joined([errors(), errors()[lambda t: t["estimator"] == "whole"].assign(estimator="to_go")])
    figure = off_policy_error.draw(more, tables()["off_policy_weights"], forms())
    shown = texts(figure)
    assert "no bias:\nE26 whole trajectory\nE29 per decision" in shown
    assert {"E30 no future", "E34 first order", "no weights"} <= shown
    assert "to go" not in shown
    assert [ax.get_title() for ax in figure.axes] == ["bias (line)", "spread (8 trajectories)"]


def test_the_caption_of_p10_takes_the_forms_from_the_table_whatever_they_are_called():
    table, weights = tables()["off_policy_gradients"], tables()["off_policy_weights"]
    table["exact_bias"] = 0.3
    both = composed(NAMES, signal=["reward_to_go"] * 2, importance=["first_order", "marginal"])
    text = off_policy_error.findings(table, weights, both)
    assert "at 1 nat: line 0.1, 0.3; bandit 0.1, 0.3 ‖∇J(θ)‖." in text
    assert off_policy_error.findings(table, weights, composed(NAMES)) == ""


def test_other_estimators_take_the_place_of_forms_that_were_not_measured():
    assert _forms.shown_forms(forms(), ["first", "to_go"]) == {"first": "E34 first order", "to_go": "to go"}
    assert list(_forms.shown_forms(forms(), SIX)) == list(FIVE)


def test_p10_shows_the_exact_bias_where_the_study_has_no_e29_to_compare_with():
    alone = errors().assign(gap=np.nan, gap_low=np.nan, gap_high=np.nan, exact_bias=0.7)
    figure = off_policy_error.draw(alone, tables()["off_policy_weights"], forms())
    drawn = [np.asarray(line.get_ydata()).tolist() for line in figure.axes[0].get_lines()]
    assert [0.7, 0.7, 0.7] in drawn
    assert off_policy_error.headline(alone, tables()["off_policy_weights"], forms()) == ""


def test_p11_says_what_weights_bring_where_intervals_are_apart():
    reuse = tables()["reuse_summary"]
    estimators = composed(NAMES, importance=["none", "trajectory"])
    assert batch_reuse.headline(reuse, estimators) == (
        "With 4 updates a batch, weights make no clear difference to the return"
    )
    weighted = reuse["estimator"] == NAMES[1]
    reuse.loc[weighted, ["iqm", "low"]] = 147.0, 105.0
    assert batch_reuse.headline(reuse, estimators) == (
        "With 4 updates a batch the return is 50 without weights, up to 147 with"
    )
    assert batch_reuse.headline(reuse[weighted], estimators) == ""
    assert batch_reuse.headline(reuse.assign(iqm=np.nan), estimators) == ""
    assert batch_reuse.headline(reuse[reuse["reuse"] == 1], estimators) == ""


def test_p11_shows_two_and_eight_updates_where_they_were_tried():
    reuse = tables()["reuse_summary"]
    tried = [joined([reuse[reuse["reuse"] == 1].assign(reuse=k) for k in ks]) for ks in ((1, 2, 8, 16), (1,))]
    titles = [[ax.get_title() for ax in batch_reuse.draw(t, composed(NAMES)).axes][1:] for t in tried]
    assert titles == [["K = 2", "K = 8"], ["K = 1", "K = 1"]]


def test_p11_draws_a_form_as_p10_does():
    """Whichever estimator has it; where P10's own is not in the config, it has its own colour."""
    mean = composed(["a"], signal=["reward_to_go"], baseline=["mean"], importance=["per_decision"])
    reuse = tables()["reuse_summary"].assign(estimator="a")
    estimators = joined([forms(), mean])
    figure = batch_reuse.draw(reuse, estimators)
    colours = {line.get_color() for line in figure.axes[1].lines}
    assert colours == {palette(estimators)["decision"]}
    figure = batch_reuse.draw(reuse, mean)
    assert {line.get_color() for line in figure.axes[1].lines} == {palette(mean)["a"]}
