"""Which laws bind an estimator, by what it says of itself."""

from collections.abc import Callable, Mapping

from pgpipe.estimators.composed import Composed
from pgpipe.estimators.laws.case import Case, Law
from pgpipe.estimators.laws.of_estimators import (
    nothing_own_is_subtracted,
    order_says_nothing,
    other_groups_say_nothing,
    own_samples_weigh_one,
    padding_says_nothing,
    rewards_are_scaled_with,
    twice_is_the_same,
)
from pgpipe.estimators.laws.of_parts import (
    a_lambda_return_is_one,
    a_mean_of_equal_credits_is_that_credit,
    credits_are_as_many_as_said,
)


def _always(line: Composed) -> bool:
    return True


def _scales(line: Composed) -> bool:
    """Whether its baseline is bound to grow with the rewards, or not to depend on them at all."""
    facts = line.baseline.facts
    if line.own_gradient:  # whose returns may be an oracle's
        return False
    known = facts.source in ("nothing", "states", "value") or facts.average is not None
    return known and not (line.normalize and (line.exact or facts.source == "states"))


def _leaves_own_out(line: Composed) -> bool:
    """Whether it says so, of credits that no critic has mixed before."""
    if line.own_gradient:
        return False
    mixed = "values" in line.signal.asks and not line.exact
    return line.baseline.facts.source in ("nothing", "states", "value") or (line.leaves_own_out and not mixed)


def _in_groups(line: Composed) -> bool:
    """Whether all that it makes of credits stays within the groups: no critic or deviation is the batch's."""
    fitted = "values" in line.asks and not line.exact
    return line.needs_groups and not fitted and line.normalize is not True


def _credits(line: Composed) -> bool:
    return not line.own_gradient


def _averages(line: Composed) -> bool:
    return line.baseline.facts.average is not None


def _returns_lambda(line: Composed) -> bool:
    return line.signal.facts.lambda_return is not None


def _weighs(line: Composed) -> bool:
    return line.weighs


BINDS: Mapping[Law, Callable[[Composed], bool]] = {
    twice_is_the_same: _always,
    padding_says_nothing: _always,
    order_says_nothing: _always,
    rewards_are_scaled_with: _scales,
    nothing_own_is_subtracted: _leaves_own_out,
    other_groups_say_nothing: _in_groups,
    credits_are_as_many_as_said: _credits,
    a_mean_of_equal_credits_is_that_credit: _averages,
    a_lambda_return_is_one: _returns_lambda,
    own_samples_weigh_one: _weighs,
}


def broken_laws(case: Case) -> dict[Law, str | None]:
    """What each law finds: an empty text where it is kept, None where it binds nobody like this."""
    line = case.composed
    return {law: law(case) if binds(line) else None for law, binds in BINDS.items()}
