"""Equation checks and claims: what a section's functions return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, isnan
from typing import Literal, Protocol

import pandas as pd

from pgpipe.intervals import Interval

Verdict = Literal["supported", "refuted", "undecided"]
CheckKind = Literal["measured", "identity by construction"]

# What a case alone says of a statement.
Says = Literal["for", "against", "neither"]


@dataclass(frozen=True)
class Check:
    """A number that an equation fixes: it passes if |value - reference| ≤ tolerance.

    An identity by construction is one that no mistake could break, as both sides share what could be wrong:
    it is shown, and counted apart.
    """

    what: str
    value: float
    reference: float
    tolerance: float
    n: int
    kind: CheckKind = "measured"

    @property
    def passed(self) -> bool:
        """False also where the value is not a number, or nothing could fail."""
        return isfinite(self.tolerance) and abs(self.value - self.reference) <= self.tolerance


@dataclass(frozen=True)
class Case:
    """One of the cases that a claim's numbers stand for: an environment at a stage, a distance, a horizon."""

    name: str
    interval: Interval
    says: Says = "neither"
    quantity: str = ""  # where it is another one than the claim's


@dataclass(frozen=True)
class Claim:
    """A statement put to the test: what was measured, what came out, and the verdict by a rule fixed before.

    | field    | what it says                                                                              |
    |----------|-------------------------------------------------------------------------------------------|
    | test     | a sentence: what is estimated, and over which cases                                       |
    | found    | a sentence or two: what came out                                                          |
    | rule     | a sentence: what supports it, what refutes it, and the correction for how many looks      |
    | quantity | what `interval` is an interval of; its unit in `unit`, and what its n counts in `n_counts` |
    | reason   | a line: why it is refuted or undecided, or on which conditions a supported one holds       |
    | lacks    | which rows the rule asks for that this config's tables do not have                        |
    | cases    | the numbers of each case, where there are several                                         |
    """

    test: str
    found: str
    rule: str
    quantity: str
    interval: Interval
    n_counts: str
    verdict: Verdict
    figure: str
    unit: str = ""
    reason: str = ""
    lacks: str = ""
    cases: Sequence[Case] = ()

    @property
    def because(self) -> str:
        """Why it is not supported, or not in full: what it lacks, or the reason or condition."""
        if self.lacks:
            word = "undecided" if self.verdict == "undecided" else "not measured"
            return f"{word}: {self.lacks}"
        if not self.reason and self.verdict == "undecided" and isnan(self.interval.estimate):
            return "undecided: no row of the tables has what the rule asks for"
        return self.reason


class Identities(Protocol):
    """Equations of which a table holds both sides, so that they are all checked in the same way."""

    @property
    def table(self) -> str:
        """The table's name."""

    @property
    def equations(self) -> Mapping[str, str]:
        """What each equation's check says, by the equation's id."""

    def checks(self, identities: pd.DataFrame, equation: str) -> list[Check]:
        """The checks of one equation."""


def verdict(supported: bool, refuted: bool) -> Verdict:
    """The word for a test's outcome; evidence that says neither decides nothing."""
    if supported == refuted:
        return "undecided"
    return "supported" if supported else "refuted"


def settled(claim: Claim) -> Claim:
    """The claim; undecided, whatever its rule says, where the number that decides says nothing."""
    if claim.verdict == "undecided" or not claim.interval.says_nothing:
        return claim
    why = "the number that decides is not known" if isnan(claim.interval.estimate) else "chance is not known"
    return replace(claim, verdict="undecided", lacks=claim.lacks or why)
