"""What the pictures of section 9 say is read off their tables."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from pgpipe.lecture.line.figures import noisy_walks, number_line, shape, vector_field


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("k", "says"),
    [
        (-0.3, "A step goes 30% of the way to the goal, give or take σ = 0.5"),
        (-1.5, "A step goes past the goal, on average, give or take σ = 0.5"),
        (0.2, "A step leads away from the goal, on average, give or take σ = 0.5"),
        (0.0, ""),
    ],
)
def test_f7_says_where_a_step_leads(k, says):
    assert number_line.headline(pd.DataFrame({"k": [k], "sigma": [0.5]})) == says


def walks(first=2.0, last=0.2):
    """Four walks from both sides whose mean goes from `first` to `last`."""
    rows = [
        (walk, step, sign * place, sign * place, 0.5)
        for walk, sign in enumerate((1, 1, -1, -1))
        for step, place in enumerate((first, last))
    ]
    return pd.DataFrame(rows, columns=["walk", "step", "place", "mean", "spread"]).assign(start_std=1.0)


def spreads(**ends):
    """By m₀ of 1 and 0, √m_t from the start to `wide` and `still`."""
    rows = [(1.0, 0, 1.0), (1.0, 1, ends["wide"]), (0.0, 0, 0.0), (0.0, 1, ends["still"])]
    table = pd.DataFrame(rows, columns=["start_std", "step", "spread"])
    return table.assign(measured_spread=table["spread"], walks=4_000)


@pytest.mark.parametrize(
    ("last", "wide", "says"),
    [
        (0.2, 0.71, "Walks are drawn toward 0; noise keeps them about 0.71 away"),
        (1.5, 0.71, ""),
        (0.2, 0.9, ""),  # they have not come to one level yet
        (2.5, 3.0, "Walks are driven away from 0"),
    ],
)
def test_f8_says_whether_walks_come_in(last, wide, says):
    assert noisy_walks.headline(walks(last=last), spreads(wide=wide, still=0.7)) == says


def test_f8_draws_each_side_of_the_widest_start():
    table = pd.concat([walks(), walks(first=0.0, last=0.0).assign(start_std=0.0)])
    left = noisy_walks.draw(table, spreads(wide=0.7, still=0.7)).axes[0]
    assert left.get_title() == "walks from s = ±2"
    assert noisy_walks.findings(table, spreads(wide=0.7, still=0.7)) == "4 of 4,000 walks at the left."
    alone = noisy_walks.draw(walks(first=0.0, last=0.0), spreads(wide=0.7, still=0.7)).axes[0]
    assert alone.get_title() == "walks from s = 0"


def bends(power, least, starts=(1.0, 0.1, 0.0)):
    """Ratios of derivatives like σ^power and of eigenvalues of at least `least`, by the spread of the start."""
    sigma = 10.0 ** -np.arange(4)
    derivatives = pd.concat(
        [pd.DataFrame({"sigma": sigma, "ratio": sigma ** power[s], "by_sigma": sigma}).assign(start_std=s) for s in starts]
    )  # fmt: skip
    conditions = [
        derivatives.assign(matrix=matrix, ratio=derivatives["start_std"].map(least) * (1 + i))
        for i, matrix in enumerate(("fisher", "hessian"))
    ]
    return derivatives, pd.concat(conditions)


LIKE_THE_LECTURE = ({1.0: 1.0, 0.1: 1.0, 0.0: -1.0}, {1.0: 2.0, 0.1: 50.0, 0.0: 1e6})


@pytest.mark.parametrize(
    ("power", "least", "says"),
    [
        (*LIKE_THE_LECTURE, "As σ falls ∂J/∂σ dominates, and J is ill-conditioned, only for starts near 0"),
        (
            dict.fromkeys((1.0, 0.1, 0.0), -1.0),
            dict.fromkeys((1.0, 0.1, 0.0), 1e6),
            "As σ falls ∂J/∂σ dominates, and J is ill-conditioned, wherever walks start",
        ),
        (LIKE_THE_LECTURE[0], dict.fromkeys((1.0, 0.1, 0.0), 1e6), ""),
    ],
)
def test_f9_says_for_which_starts_both_hold(power, least, says):
    assert shape.headline(*bends(power, least)) == says


def test_f9_bears_the_numbers_of_c23_and_c25():
    tables = bends(*LIKE_THE_LECTURE)
    written = [text.get_text() for ax in shape.draw(*tables).axes for text in ax.texts]
    assert {"every m₀:\nlike σ", "m₀ = 0:\nlike σ$^{\\mathdefault{−1}}$", "m₀ = 1:\nlike σ"} <= set(written)
    assert {"m₀ = 0:\n1.0$\\times 10^{6}$", "m₀ = 1:\n4"} <= set(written)
    assert shape.findings(*tables) == (
        "At σ = 0.001 the eigenvalue ratios of F and Hessian are 1.0$\\times 10^{6}$ and 2.0$\\times 10^{6}$ "
        "for $m_0 = 0$, 2 and 4 for $m_0 = 1$."
    )


def test_f9_says_nothing_of_a_start_that_the_config_leaves_out():
    near_alone = bends(*LIKE_THE_LECTURE, starts=(0.1, 0.0))
    assert shape.headline(*near_alone) == ""
    assert len(shape.draw(*near_alone).axes) == 4


def field(wide=1.0, still=0.01):
    """At the smallest σ the gradient is (wide, 0.1) for m₀ = 1 and (still, 1) for m₀ = 0; else along σ."""
    rows = [
        (start, k, sigma, (along if sigma == 0.1 else 0.0), 0.1 if start else 1.0)
        for start, along in ((1.0, wide), (0.0, still))
        for k in (-1.0, 0.0)
        for sigma in (0.1, 0.9)
    ]
    return pd.DataFrame(rows, columns=["start_std", "k", "sigma", "grad_k", "grad_sigma"])


@pytest.mark.parametrize(
    ("wide", "still", "says"),
    [
        (1.0, 0.01, "For small σ the gradient points along k, or along σ if walks start at 0"),
        (0.01, 0.01, "For small σ the gradient points along σ"),
        (1.0, 9.0, "For small σ the gradient points along k"),
        (0.05, 0.01, ""),
    ],
)
def test_f9_says_which_way_the_gradient_points(wide, still, says):
    assert vector_field.headline(field(wide, still), pd.DataFrame(), pd.DataFrame()) == says
