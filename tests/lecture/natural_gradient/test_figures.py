"""What the pictures of section 10 say is read off their tables."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from pgpipe.lecture.natural_gradient.figures import (
    directions,
    fisher_costs,
    flows,
    natural_field,
    parameterisations,
    step_sizes,
    updates,
)

NONE = pd.DataFrame()


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("toward", "says"),
    [
        (1.0, "For small σ the natural gradient points toward the best k, wherever walks start"),
        (-1.0, ""),
        (0.1, ""),  # less along k than along σ
    ],
)
def test_f10_says_whether_it_points_to_the_best_k(toward, says):
    rows = [(start, k, s, toward * (-0.5 - k), 0.3) for start in (1, 0) for k in (-2, 1) for s in (0.1, 0.9)]
    table = pd.DataFrame(rows, columns=["start_std", "k", "sigma", "natural_k", "natural_sigma"])
    best = pd.DataFrame({"start_std": [1, 0], "k": -0.5})
    assert natural_field.headline(table, NONE, best) == says


def ends(still, wide=0.0, natural=0.0):
    """Ends off the best k of -0.6, by the problem and the direction."""
    rows = [
        (regime, start, direction, -0.6 + off)
        for regime, start, vanilla in (("start spread 1", 1.0, wide), ("average reward", np.nan, still))
        for direction, off in (("vanilla", vanilla), ("natural", natural))
    ]
    return pd.DataFrame(rows, columns=["regime", "start_std", "direction", "k"]).assign(best_k=-0.6)


@pytest.mark.parametrize(
    ("off", "says"),
    [
        ({"still": 0.3}, "The natural gradient always reaches the best k; the gradient stalls if walks start at 0"),
        ({"still": 0.3, "wide": 0.1}, "The natural gradient always reaches the best k; the gradient does not"),
        ({"still": 0.0}, "Both directions lead to the best k"),
        ({"still": 0.3, "natural": 0.2}, ""),
    ],
)  # fmt: skip
def test_f11_says_where_directions_lead(off, says):
    assert flows.headline(NONE, ends(**off), NONE) == says


def test_f11_counts_the_paths_that_stall():
    assert flows.findings(NONE, ends(still=0.3), NONE) == "1 of 2 stall, up to 0.30 off the best k."
    assert flows.findings(NONE, ends(still=0.0), NONE) == ""


def counts(vanilla, bounded):
    """Updates by start for two rules, of 2,000 that were tried."""
    rows = [
        (rule, start, found)
        for rule, each in (("vanilla", vanilla), ("natural to a KL bound", bounded))
        for start, found in zip((1.0, 0.1), each, strict=True)
    ]
    return pd.DataFrame(rows, columns=["rule", "start_std", "smooth_updates"]).assign(most=2_000)


@pytest.mark.parametrize(
    ("vanilla", "bounded", "says"),
    [
        (
            (10, np.nan),
            (3, 5),
            "Vanilla steps take 10 to more than 2,000 updates, natural steps to a KL bound at most 5",
        ),
        ((10, 12), (np.nan, np.nan), "Vanilla steps take 10 to 12 updates, natural steps to a KL bound more than 2,000"),
        ((7, 7), (3, np.nan), "Vanilla steps take 7 updates, natural steps to a KL bound 3 to more than 2,000"),
    ],
)  # fmt: skip
def test_f11_says_how_long_it_takes(vanilla, bounded, says):
    assert updates.headline(counts(vanilla, bounded)) == says


def test_f11_bears_the_numbers_of_c24():
    ax = updates.draw(counts((10, 1_198), (3, 5))).axes[0]
    assert {"10", "1,198", "not within 2,000 updates"} <= {text.get_text() for text in ax.texts}
    assert updates.headline(counts((10, 12), (3, 5)).query("rule == 'vanilla'")) == ""


@pytest.mark.parametrize(
    ("dense", "says"),
    [(3e9, "At 1 million parameters a dense solve takes 300 times the operations"), (1.5e7, "")],
)
def test_p16_says_what_is_saved(dense, says):
    costs = pd.DataFrame({"parameters": [100, 10**6], "cg_operations": 1e7, "dense_operations": [1e3, dense]})
    assert fisher_costs.headline(NONE, costs) == says


@pytest.mark.parametrize(("dense", "more"), [(3e9, "; a dense solve takes 300 times the memory"), (1e7, "")])
def test_the_caption_of_p16_is_of_the_largest_network(dense, more):
    costs = pd.DataFrame(
        {"parameters": [100, 10**6], "iterations": [8, 34], "cg_bytes": 1e7, "dense_bytes": dense}
    )
    costs["product_over_gradient"] = [1.8, 2.0]
    assert fisher_costs.findings(NONE, costs) == (
        f"In the largest network conjugate gradient takes 34 iterations, of 2 gradients' cost each{more}."
    )


def speeds(**low):
    """Of natural steps in two environments, by the other steps the ends of the intervals."""
    rows = [
        (place, kind, end)
        for kind, each in low.items()
        for place, end in zip(("cartpole", "line"), each, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["environment", "other_step", "low"])
    return table.assign(
        step="natural", probability=table["low"] + 0.1, high=table["low"] + 0.2, n=16, target=195
    )


@pytest.mark.parametrize(
    ("low", "says"),
    [
        (
            {"vanilla": (0.7, 0.6), "normalized": (0.7, 0.6), "adam": (0.4, 0.6)},
            "Natural steps learn faster than vanilla and normalised everywhere, than Adam in 1 of 2",
        ),
        ({"vanilla": (0.7, 0.6)}, "Natural steps learn faster than vanilla everywhere"),
        ({"vanilla": (0.4, 0.6)}, ""),
    ],
)
def test_p17_says_whom_natural_steps_outrun(low, says):
    assert directions.headline(NONE, speeds(**low)) == says


def test_p17_names_the_strongest_rival():
    assert directions.findings(NONE, speeds(vanilla=(0.7, 0.6), adam=(0.4, 0.6))) == (
        "Closest: Adam on cartpole; a seed of natural steps is the first to reach 195 with probability "
        "0.50 [0.40, 0.60]."
    )
    assert directions.findings(NONE, speeds()) == ""


def apart(natural, vanilla):
    """Differences like `natural` ε and of `vanilla`, by two ε among small ones."""
    rows = [
        (direction, epsilon, ratio)
        for epsilon in (1e-5, 1e-4)
        for direction, ratio in (("natural", natural * epsilon), ("vanilla", vanilla))
    ]
    table = pd.DataFrame(rows, columns=["direction", "epsilon", "ratio"])
    return table.assign(point=0, one="sigma", other="log_sigma")


@pytest.mark.parametrize(
    ("natural", "vanilla", "says"),
    [
        (1.0, 1.9, "Small natural steps reach one policy by σ, log σ and σ²; vanilla steps do not"),
        (1.0, 0.05, ""),
        (2e4, 1.9, "Even small natural steps depend on the parameterisation here"),
    ],
)
def test_p17_says_whether_the_parameterisation_matters(natural, vanilla, says):
    assert parameterisations.headline(apart(natural, vanilla), NONE) == says


def test_p17_bears_the_numbers_of_c26():
    sizes = apart(1.0, 1.0).assign(ratio=1.01, taken=0.98, parameterization="sigma")
    left = parameterisations.draw(apart(0.3, 1.9), sizes).axes[0]
    written = {text.get_text() for text in left.texts}
    assert written == {
        "natural: at most 3$\\times 10^{−6}$ ε",
        "vanilla: at most 1.9 ε",
        "like $ε^{1.00}$",
        "1 %",
    }


def contrasts(natural, bound):
    """Differences natural minus vanilla under two rules, and what a bound adds to vanilla steps."""
    added = zip(("kl", "learning_rate"), natural, strict=True)
    rows = [*(("direction", None, key, found) for key, found in added), ("key", "vanilla", None, bound)]
    table = pd.DataFrame(rows, columns=["differ_in", "direction", "key", "difference"])
    table = table.assign(low=table["difference"] - 0.2, high=table["difference"] + 0.2, environment="line")
    return table.assign(seeds=16, censored=False, other_censored=False)


@pytest.mark.parametrize(
    ("natural", "bound", "says"),
    [
        ((0.0, 1.2), 1.3, "More step sizes work with a KL bound; F⁻¹ adds to them in 1 of 2 comparisons"),
        ((0.0, 0.21), 1.3, "More step sizes work with a KL bound; F⁻¹ adds to them in 0 of 2 comparisons"),
        ((0.9, 1.2), 0.1, "F⁻¹ widens the range of step sizes that work in 2 of 2 comparisons"),
    ],
)
def test_p17_says_in_how_many_comparisons_more_sizes_work(natural, bound, says):
    """An interval that leaves 0 out by itself alone (0.21 ± 0.2) does not count: it is one of two."""
    assert step_sizes.headline(NONE, NONE, contrasts(natural, bound)) == says


def test_p17_says_what_a_bound_adds():
    table = contrasts((0.0, 1.2), 1.3)
    assert (
        step_sizes.findings(NONE, NONE, table) == "To vanilla steps a KL bound adds 1.3 [1.1, 1.5] on line."
    )
    alone = table[table["differ_in"] == "direction"]
    assert step_sizes.findings(NONE, NONE, alone) == ""
    assert step_sizes.headline(NONE, NONE, table[table["differ_in"] == "key"]) == ""
