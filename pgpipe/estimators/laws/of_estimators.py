"""Laws of whole estimators: deterministic, on any batch.

Each returns what was found where it is broken, else an empty text; its docstring is its statement.
"""

from dataclasses import replace

import torch

from pgpipe.estimators.laws.case import (
    Case,
    difference,
    padded,
    reordered,
    scaled,
    subtracted,
    with_another_future,
)


def twice_is_the_same(case: Case) -> str:
    """The same batch gives the same numbers again, and is left as it was."""
    before = {name: value.clone() for name, value in case.batch.fields.items()}
    first, second = case.gradient(), case.gradient()
    if not torch.isfinite(first).all():
        return "ĝ holds what is no number"
    changed = [name for name, value in case.batch.fields.items() if not torch.equal(before[name], value)]
    if changed:
        return f"it writes into the batch's {', '.join(changed)}"
    return "" if torch.equal(first, second) else "asked again, it gives another ĝ"


def padding_says_nothing(case: Case) -> str:
    """More padding, with garbage in it, changes nothing."""
    found = case.gradient(padded(case.batch))
    return difference(found, case.gradient(), "with more padding", case.size)


def order_says_nothing(case: Case) -> str:
    """The order of the trajectories changes nothing."""
    found = case.gradient(reordered(case.batch))
    return difference(found, case.gradient(), "in another order", case.size)


def rewards_are_scaled_with(case: Case) -> str:
    """ĝ is linear in the rewards, but for what does not depend on them; normalised, it ignores their size."""
    zero, one, two = (case.gradient(scaled(case.batch, factor)) for factor in (0.0, 1.0, 2.0))
    if case.estimator.normalize:
        return difference(two, one, "with rewards twice as large", case.size)
    return difference(two - one, one - zero, "with rewards twice as large", case.size)


def nothing_own_is_subtracted(case: Case) -> str:
    """What is subtracted from a step depends on no own reward, action or later state."""
    if case.estimator.per_parameter:
        return _own_row(case)
    for step in (0, int(case.batch.lengths[0]) // 2):
        other = with_another_future(case.batch, step)
        before, after = (subtracted(case.estimator, batch)[0, : step + 1] for batch in (case.batch, other))
        if found := difference(after, before, "with another future of the trajectory that it corrects"):
            return found
    return ""


def other_groups_say_nothing(case: Case) -> str:
    """What a trajectory's steps weigh depends on no reward of another group."""
    assert case.batch.group is not None
    others = (case.batch.group != case.batch.group[0])[:, None] & case.batch.mask
    if not others.any():
        return ""
    change = torch.linspace(1, 3, case.batch.rewards.shape[1], dtype=case.batch.rewards.dtype)
    other = replace(case.batch, rewards=case.batch.rewards + change * others)
    before, after = (case.estimator.weighted_advantages(batch)[0] for batch in (case.batch, other))
    return difference(after, before, "with other rewards in another group", case.size)


def own_samples_weigh_one(case: Case) -> str:
    """At the policy that sampled the batch every importance weight is one."""
    none = torch.zeros_like(case.batch.rewards, dtype=torch.float64)
    found = case.gradient(ratios={"log_ratios": none, "log_state_ratios": none})
    return difference(found, case.gradient(), "with ratios that are all one", case.size)


def _own_row(case: Case) -> str:
    """The same of a constant for each parameter, which is made of gradients and scores."""
    steps = torch.linspace(-1, 2, 12, dtype=torch.float64)
    rows, scores = (5 * steps).sin().reshape(6, 2), (3 * steps).cos().reshape(6, 2)
    other = torch.zeros(6, 2, dtype=torch.float64)
    other[0] = 1.5
    before, after = (
        case.estimator.baseline(rows=rows + shift, scores=scores + shift).expand(6, 2)[0]
        for shift in (0 * other, other)
    )
    return difference(after, before, "with another gradient of the trajectory that it corrects")
