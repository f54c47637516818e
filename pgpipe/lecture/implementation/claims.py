"""Section 7, implementation: the naive sum, the likelihood, the pseudo-loss (E35 to E37, C17)."""

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import listed
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
        test="The cost of the pseudo-loss as a share of two naive forms, one sample at a time (loop) and all "
        f"per-sample gradients at once (rows), with {case['parameters'].iloc[0]:,} parameters and "
        f"{case['samples'].iloc[0]:,} samples{_extrapolated(case)}: bytes read and written, in place of "
        "time as they are the same on every machine; and how far the gradients differ, compared at up to "
        f"{compared['parameters'].max():,.0f} parameters.",
        found=f"It moves {moved['loop']:.2g} of the bytes of the loop and {moved['rows']:.2g} of those of "
        f"the rows, with {_of(case, 'operations', worst):.2g} of the operations; it holds "
        f"{_of(case, 'bytes_held', 'rows'):.2g} of the memory of the rows, but "
        f"{_of(case, 'bytes_held', 'loop'):.2g} times that of the loop. The gradients differ by at most "
        f"{difference:.1e} of their length.",
        rule=f"Supported if it moves at most {SMALL:g} of the bytes of either form and no gradient differs "
        f"by more than {SAME:g} of its length, in single precision; else refuted; counts are exact, so no "
        "interval is needed.",
        quantity="bytes moved by the pseudo-loss, as a share of a naive form's, the larger share",
        interval=Interval.over_cases(moved[worst], list(moved.values()), len(moved)),
        n_counts="naive forms",
        verdict=found,
        figure="P12",
        reason=_reason(difference, moved[worst], worst) if found == "refuted" else _in_memory(case, found),
        lacks="" if len(compared) else "every case passes the limit, so no two gradients were compared",
        cases=_cases(case, compared),
    )


def _reason(difference: float, share: float, form: str) -> str:
    if difference > SAME:
        return f"The gradients differ by {difference:.1e} of their length, more than {SAME:g}."
    return f"The pseudo-loss moves {share:.2g} of the bytes of the {form}, more than {SMALL:g}."


def _in_memory(case: pd.DataFrame, found: str) -> str:
    """Against which form the statement holds of the memory, too; nothing if against both, or if undecided."""
    small = [form for form in NAIVE if _of(case, "bytes_held", form) <= SMALL]
    if found != "supported" or len(small) == len(NAIVE):
        return ""
    against = f"only against the {small[0]}" if small else "against neither form"
    return (
        f"The fraction is small in bytes moved; in memory {against}, as a loop holds one gradient at a time."
    )


def _extrapolated(case: pd.DataFrame) -> str:
    """Which forms were too large to be computed."""
    forms = [form for form in case.index if case.loc[form, "kind"] == "extrapolated"]
    return f" ({listed(forms)} extrapolated from fewer)" if forms else ""


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
