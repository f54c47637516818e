"""Parts of the variance: nested samples beside the exact parts, mistakes seen, words after tables."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from samples import GRID, LINE

from pgpipe.lecture.after_the_lecture import nested
from pgpipe.lecture.after_the_lecture.figures import terms as figure
from pgpipe.lecture.after_the_lecture.sentences import what_is_left_to_baselines
from pgpipe.lecture.after_the_lecture.terms import split_variance
from pgpipe.rollout import policy_for

ROOM = GRID | {"kwargs": {"size": 3, "slip": 0.1, "horizon": 8}, "gamma": 0.9}


def theta_of_room():
    return torch.from_numpy(0.6 * np.sin(1.9 * np.arange(36)))


def off_by():
    """By how many halves of its 95 % interval each nested part is off the exact one."""
    spec: Any = {"seed": 5, "environment": ROOM, "module": "pgpipe.oracles.grid", "pairs": 1500, "every": 2}
    table = split_variance(spec, {"trained": theta_of_room()})
    keys = ["baseline", "term"]
    exact, found = (table[table["kind"] == kind].set_index(keys) for kind in ("exact", "nested"))
    half = (found["value_high"] - found["value_low"]) / 2
    return ((found["value"] - exact["value"]) / half).dropna().abs()


def test_nested_samples_find_the_exact_parts():
    """Within two halves, 3.9 standard errors."""
    found = off_by()
    assert len(found) == 6
    assert found.max() < 2


@pytest.mark.parametrize(
    "wrong",
    [lambda Q: np.stack([Q[0], Q[0]]), lambda Q: 0.9 * Q],
    ids=["the same episode followed twice", "a discount too many"],
)
def test_a_mistake_is_seen(monkeypatch, wrong):
    right = nested.returns_from
    monkeypatch.setattr(nested, "returns_from", lambda *of: wrong(right(*of).reshape(2, -1)).ravel())
    assert off_by().max() > 3


def test_walks_are_followed_from_where_they_were():
    policy, theta, rng = policy_for(ROOM), theta_of_room(), np.random.default_rng(0)
    visited = nested.visit(policy, theta, ROOM, 50, 1, rng)
    assert np.bincount(visited.walk).max() <= 8
    np.testing.assert_array_equal(visited.obs.argmax(1), np.ravel(visited.state))
    assert (np.bincount(visited.walk, visited.step == 0) == 1).all()
    last = visited.step == 7
    taken = nested._taken(visited, np.flatnonzero(last))
    found = nested.returns_from(policy, theta, ROOM, taken, np.full(last.sum(), 1), rng)
    assert set(found) <= {0.0, 1.0}  # a single step is left, so nothing is discounted


def test_walks_may_end_before_the_first_step_that_counts():
    policy, rng = policy_for(ROOM), np.random.default_rng(3)
    found = nested.pair_terms(policy, theta_of_room(), ROOM, 2, 10**6, rng)
    assert len(found) == 6
    assert all((values == 0).all() for values in found.values())


def test_where_actions_cannot_be_listed_the_exact_parts_stand_alone():
    spec: Any = {"seed": 0, "environment": LINE, "module": "pgpipe.oracles.line", "pairs": 2, "every": 1}
    table = split_variance(spec, {"untrained": torch.tensor([-0.3, 0.5], dtype=torch.float64)})
    assert set(table["kind"]) == {"exact"}
    assert set(table["term"]) == {"state", "action", "trajectory", "between"}


def planted(action=10.0, less=1.0, trajectory=4.0):
    place = {"environment": "grid", "policy": "trained", "kind": "exact", "n": 1}
    parts = [
        ("none", "state", 0.5), ("none", "action", action), ("none", "trajectory", trajectory),
        ("value", "state", 0.5), ("value", "action", less), ("value", "trajectory", trajectory),
    ]  # fmt: skip
    bounds = ("value", "value_low", "value_high")
    return pd.DataFrame([place | {"baseline": b, "term": t} | dict.fromkeys(bounds, v) for b, t, v in parts])


def test_words_follow_the_table():
    assert figure.headline(planted()).endswith("what is left is the trajectory's")
    assert figure.headline(planted(trajectory=0.5)).endswith("add to the variance")
    assert figure.headline(planted(less=9.0)) == ""
    assert figure.headline(planted().iloc[:1]) == ""
    assert figure.findings(planted()) == "Of the actions' part a value leaves 10 % to 10 %."
    assert "on the grid of the three together" in what_is_left_to_baselines(planted())
    assert what_is_left_to_baselines(planted().iloc[:2]) == ""
