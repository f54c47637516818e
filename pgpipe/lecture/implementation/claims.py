"""Section 7, implementation: the naive sum, the likelihood, the pseudo-loss (E35 to E37, C17)."""

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Case, Check, Claim, Says, verdict
from pgpipe.lecture.common.identities import ROUNDING

# What the sides of an equation may differ by, relatively: rounding in double precision, or the error of a
# difference quotient, of the order of the square of its step and of rounding over the step.
TOLERANCE = {"rounding": ROUNDING, "quotient": 1e-6}

# The same in single precision, in sums of ten thousand terms that may cancel down to a hundredth of them.
SAME = 1e-4

# Of the naive forms' cost, what counts as a small fraction.
SMALL = 0.1

NAIVE = ("loop", "rows")
COSTS = {
    "bytes_moved": "bytes moved", "operations": "operations", "calls": "calls of torch",
    "bytes_held": "bytes held",
}  # fmt: skip


def e35(implementation_identities: pd.DataFrame) -> list[Check]:
    """The sum of the gradients of single samples, in three ways, is the one that is written out in loops."""
    return _checks(implementation_identities, "E35")


def e36(implementation_identities: pd.DataFrame) -> list[Check]:
    """The gradient of the log-likelihood is that of torch's own loss, and its slope."""
    return _checks(implementation_identities, "E36")


def e37(implementation_identities: pd.DataFrame) -> list[Check]:
    """The derivative of the pseudo-loss is the naive sum written out, and its slope; Q̂ is a constant."""
    return _checks(implementation_identities, "E37")


def c17(gradient_costs: pd.DataFrame) -> Claim:
    """Both give the same gradient; the pseudo-loss at a small fraction of the cost."""
    compared = gradient_costs[gradient_costs["kind"].eq("counted") & gradient_costs["way"].ne("pseudo_loss")]
    difference = float(compared["difference"].max())
    largest = gradient_costs[gradient_costs["parameters"] == gradient_costs["parameters"].max()]
    case = largest[largest["samples"] == largest["samples"].max()].set_index("way")
    moved = {form: _of(case, "bytes_moved", form) for form in NAIVE}
    worst = max(moved, key=lambda form: moved[form])
    found = verdict(
        supported=difference <= SAME and moved[worst] <= SMALL,
        refuted=difference > SAME or moved[worst] > SMALL,
    )
    return Claim(
        test="What the pseudo-loss costs as a share of each naive form, a loop over samples and all rows at "
        f"once, with {case['parameters'].iloc[0]:,} parameters and {case['samples'].iloc[0]:,} samples, "
        "counted or, where that would take too long, extrapolated; and by how much the gradients differ "
        "where they were computed. Cost is the bytes that are read and written, the same on every machine.",
        found=f"It moves {moved['loop']:.2g} of the bytes of the loop and {moved['rows']:.2g} of those of "
        f"the rows, with {_of(case, 'operations', worst):.2g} of the operations. The gradients differ by at "
        f"most {difference:.1e} of their length.",
        rule=f"Supported if it moves at most {SMALL:g} of the bytes of either form and no gradient differs "
        f"by more than {SAME:g} of its length, in single precision; else refuted. Nothing is left to chance.",
        quantity="bytes moved by the pseudo-loss, as a share of a naive form's, the larger share",
        interval=Interval.over_cases(moved[worst], list(moved.values()), len(moved)),
        n_counts="naive forms",
        verdict=found,
        figure="P12",
        reason=_reason(difference, moved[worst], worst) if found == "refuted" else "",
        lacks="" if len(compared) else "every case passes the limit, so no two gradients were compared",
        cases=_cases(case, compared),
    )


def _reason(difference: float, share: float, form: str) -> str:
    if difference > SAME:
        return f"The gradients differ by {difference:.1e} of their length, more than {SAME:g}."
    return f"The pseudo-loss moves {share:.2g} of the bytes of the {form}, more than {SMALL:g}."


def _cases(case: pd.DataFrame, compared: pd.DataFrame) -> list[Case]:
    """Each cost as a share of each naive form's, and how much the gradients differ; two kinds decide."""
    shares = [(f"{words}, {form}", measure, form) for measure, words in COSTS.items() for form in NAIVE]
    cases = [
        Case(
            name,
            _exact(_of(case, measure, form)),
            _within(_of(case, measure, form), SMALL) if measure == "bytes_moved" else "neither",
            "share of the naive form's cost",
        )
        for name, measure, form in shares
    ]
    worst = compared.groupby("way")["difference"].max()
    return cases + [
        Case(f"gradient, {form}", _exact(off), _within(off, SAME), "largest relative difference")
        for form, off in worst.items()
    ]


def _within(value: float, bound: float) -> Says:
    return "for" if value <= bound else "against"


def _exact(value: float) -> Interval:
    return Interval.over_cases(value, [value], 1)


def _checks(identities: pd.DataFrame, equation: str) -> list[Check]:
    return [
        Check(
            f"{row.what}, relative difference, {row.environment}",
            row.difference,
            0.0,
            TOLERANCE[row.kind],
            row.n,
        )
        for row in identities[identities["equation"] == equation].itertuples()
    ]


def _of(case: pd.DataFrame, measure: str, form: str) -> float:
    """The pseudo-loss's share of another form's cost."""
    return float(case.loc["pseudo_loss", measure] / case.loc[form, measure])
