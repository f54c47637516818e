"""Section 7, implementation: the naive sum, the likelihood, the pseudo-loss (E35 to E37, C17)."""

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.evidence import Check, Claim, verdict
from pgpipe.lecture.common.identities import ROUNDING

# What the sides of an equation may differ by, relatively: rounding in double precision, or the error of a
# difference quotient, of the order of the square of its step and of rounding over the step.
TOLERANCE = {"rounding": ROUNDING, "quotient": 1e-6}

# The same in single precision, in sums of ten thousand terms that may cancel down to a hundredth of them.
SAME = 1e-4

# Of the naive forms' cost, what counts as a small fraction.
SMALL = 0.1


def e35(implementation_identities: pd.DataFrame) -> list[Check]:
    """The sum of the gradients of single samples, in two ways, is the gradient that trainings step along."""
    return _checks(implementation_identities, "E35")


def e36(implementation_identities: pd.DataFrame) -> list[Check]:
    """The gradient of the log-likelihood is that of torch's own loss, and its slope."""
    return _checks(implementation_identities, "E36")


def e37(implementation_identities: pd.DataFrame) -> list[Check]:
    """The derivative of the pseudo-loss is the naive sum, and its slope; Q̂ is a constant to it."""
    return _checks(implementation_identities, "E37")


def c17(gradient_costs: pd.DataFrame) -> Claim:
    """Both give the same gradient; the pseudo-loss at a small fraction of the cost."""
    difference = float(gradient_costs["difference"].max())
    counted = int(gradient_costs["kind"].eq("counted").sum())
    same = counted > 0 and difference <= SAME
    largest = gradient_costs[gradient_costs["parameters"] == gradient_costs["parameters"].max()]
    case = largest[largest["samples"] == largest["samples"].max()].set_index("way")
    moved = [_of(case, "bytes_moved", form) for form in ("loop", "rows")]
    return Claim(
        test="",
        found="bytes that the pseudo-loss moves over those of the naive forms, the larger of the two "
        f"ratios (the lower bound is the other), with {case['parameters'].iloc[0]:,} parameters and "
        f"{case['samples'].iloc[0]:,} samples. Of the loop's calls it makes "
        f"{_of(case, 'calls', 'loop'):.1g}, of its operations {_of(case, 'operations', 'loop'):.2f}: the "
        "products are the same, and the naive forms weigh and add up whole rows besides. It holds "
        f"{_of(case, 'bytes_held', 'rows'):.1g} of the bytes that the rows do, and "
        f"{_of(case, 'bytes_held', 'loop'):.2g} times those of the loop, which keeps a sum. The gradients "
        f"differ by at most {difference:.1e} of their length",
        quantity="",
        n_counts="",
        interval=Interval.over_cases(max(moved), moved, counted),
        rule=f"at most {SMALL:g} of the bytes that either naive form moves, and gradients that differ "
        f"by at most {SAME:g}, in single precision",
        verdict=verdict(
            supported=same and max(moved) <= SMALL, refuted=difference > SAME or max(moved) > SMALL
        ),
        figure="P12",
        lacks="" if counted else "every case passes the limit, so no two gradients were compared",
    )


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
