"""Both sides of E43, E44 and E45: advantages of groups written out, and what they are on average."""

from collections.abc import Callable, Sequence
from itertools import groupby
from math import comb, sqrt
from typing import TYPE_CHECKING

import pandas as pd
import torch

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.lecture.after_the_lecture.angles import standard_errors
from pgpipe.lecture.common.identity_rows import Row, exact_row, identity_row
from pgpipe.oracles import groups
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories

if TYPE_CHECKING:
    from pgpipe.lecture.after_the_lecture.groups import GroupsSpec

SIZE = 4  # of the groups whose advantages are written out
GROUPS = 64
LONGEST = 12  # responses of at most so many tokens
# What E43 and E45 say of a form.
MEANS = {
    "leave_one_out": ("E43", "E ĝ over ∇p with the others' mean subtracted"),
    "normalized": ("E45", "E ĝ over ∇p of normalised groups, and c_G(p)"),
}


def group_identities(spec: "GroupsSpec", ratios: pd.DataFrame) -> pd.DataFrame:
    """Rows of `group_identities.csv`."""
    batch = _some_groups(spec)
    rows = [
        _written_out(spec, batch, "E43", "leave_one_out", "the mean of the others", less_others),
        _written_out(spec, batch, "E44", "normalized", "the group's standard score", standard_scores),
        _by_counting(spec),
        *(_on_average(ratios, form) for form in MEANS if form in set(ratios["form"])),
    ]
    return pd.DataFrame(rows).assign(environment=spec["environment"]["name"])


def less_others(returns: Sequence[float]) -> list[float]:
    """r_i less the mean of the other r_j, for one group."""
    return [
        own - sum(r for j, r in enumerate(returns) if j != i) / (len(returns) - 1)
        for i, own in enumerate(returns)
    ]


def standard_scores(returns: Sequence[float]) -> list[float]:
    """(r_i - r̄)/s, s² the mean of (r_j - r̄)²; zero where all are alike."""
    G = len(returns)
    mean = sum(returns) / G
    s = sqrt(sum((r - mean) ** 2 for r in returns) / G)
    return [(r - mean) / s if s > 1e-9 else 0.0 for r in returns]


def _some_groups(spec: "GroupsSpec") -> Trajectories:
    """Groups of responses of several tokens, with partial credit."""
    kwargs = {"targets": [3, 7], "vocabulary": 2, "limit": LONGEST, "partial": True}
    environment: EnvironmentSpec = {**spec["environment"], "kwargs": kwargs, "group": SIZE}
    theta = torch.zeros(2 * (2 * LONGEST + 1) * 3, dtype=torch.float64)
    (made,) = sample_batches(environment, theta, spec["seed"], ("group identities",), 1, SIZE * GROUPS)
    return made.split()[0]


def _written_out(
    spec: "GroupsSpec", batch: Trajectories, equation: str, form: str, words: str,
    of_group: Callable[[Sequence[float]], list[float]],
) -> Row:  # fmt: skip
    """The package's advantages beside those of each group by itself, number by number."""
    found = Estimator.from_spec(spec["forms"][form], 1.0).weighted_advantages(batch)[:, 0]
    assert batch.group is not None
    named = zip(batch.group.tolist(), batch.returns.tolist(), strict=True)
    hand = torch.tensor(
        [a for _, own in groupby(named, lambda pair: pair[0]) for a in of_group([r for _, r in own])],
        dtype=torch.float64,
    )
    return exact_row(equation, f"{words}, by hand", found, hand, hand)


def _by_counting(spec: "GroupsSpec") -> Row:
    """c_G(p) by the oracle, and by a sum over how many are right."""
    pairs = [(G, p) for G in spec["sizes"] for p in spec["successes"]]
    ours = [groups.ratio("normalized", G, p) for G, p in pairs]
    hand = [
        sum(comb(G, K) * p**K * (1 - p) ** (G - K) * sqrt(K * (G - K)) for K in range(G + 1))
        for G, p in pairs
    ]
    left, right, divisors = (
        torch.tensor(numbers, dtype=torch.float64)
        for numbers in (ours, hand, [G * p * (1 - p) for G, p in pairs])
    )
    return exact_row("E45", "E[K A₁/p - (G-K) A₀/(1-p)]/G and c_G(p), by hand", left, right / divisors, left)


def _on_average(ratios: pd.DataFrame, form: str) -> Row:
    """The measured ratio farthest from the exact one, in standard errors."""
    rows = ratios[ratios["form"] == form]
    z = standard_errors(rows, "ratio", "exact", "low", "high", len(ratios))
    equation, words = MEANS[form]
    n = int(rows["groups"].min())
    return identity_row(equation, f"{words}, in standard errors", "mean", z.max(), 0, 1, n, len(z))
