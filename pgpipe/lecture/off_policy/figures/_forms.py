"""The forms of importance weights by the lecture's equations, and how pictures call them."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from pgpipe.lecture.common.bars import bars
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.style import readable

WORDS = {
    "none": "no weights",
    "trajectory": "E26 whole trajectory",
    "per_decision": "E29 per decision",
    "no_future": "E30 no future",
    "marginal": "E32 state-action",
    "first_order": "E34 first order",
}


class Form(NamedTuple):
    """A form that pictures show: its name, and the parts of the estimator that has it."""

    text: str
    signal: str
    importance: str


FORMS = (
    Form(WORDS["trajectory"], "total_return", "trajectory"),
    Form(WORDS["per_decision"], "reward_to_go", "per_decision"),
    Form(WORDS["no_future"], "reward_to_go", "no_future"),
    Form(WORDS["first_order"], "reward_to_go", "first_order"),
    Form(WORDS["none"], "reward_to_go", "none"),
)


def shown_forms(estimators: pd.DataFrame, measured: Collection[str]) -> dict[str, str]:
    """What a picture shows and how it calls it, by estimator: the lecture's forms that were measured.

    Where some of them were not, others take their place under their own names.
    """
    shown: dict[str, str] = {}
    for form in FORMS:
        own = composed_of(estimators, signal=form.signal, importance=form.importance, baseline="none")
        shown |= {name: form.text for name in [name for name in own if name in measured][:1]}
    others = [name for name in estimators["estimator"] if name in measured and name not in shown]
    return shown | {name: readable(name) for name in others[: len(FORMS) - len(shown)]}


def drawn_as(texts: Mapping[str, str], estimators: pd.DataFrame) -> dict[str, str]:
    """Whose colour and marker an estimator has, by what it is called: a form has its own in all pictures."""
    own = {text: name for name, text in shown_forms(estimators, set(estimators["estimator"])).items()}
    return {name: own.get(text, name) for name, text in texts.items()}


def named(shown: dict[str, str], importance: str) -> str | None:
    """The estimator among those shown that has the lecture's form of these weights."""
    return next((name for name, text in shown.items() if text == WORDS[importance]), None)


def nats(distance: float) -> str:
    """A distance with its unit."""
    return f"{distance:g} nat" + ("" if distance == 1 else "s")


def points(ax: Axes, rows: pd.DataFrame, columns: tuple[str, str], colour: str, marker: str) -> None:
    """Points of (x, y) with the intervals of y, joined; hollow where a `warning` stands."""
    x, y = (rows[column] for column in columns)
    ax.errorbar(x, y, bars(rows, columns[1]), fmt=f"{marker}-", ms=4, lw=1.3, elinewidth=1, color=colour)
    if "warning" in rows:
        warned = rows["warning"].notna()
        ax.plot(x[warned], y[warned], marker, ms=4, color=colour, mfc="white")
