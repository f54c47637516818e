"""How far a step goes, and whether it depends on how the policy is written down (E41, C26)."""

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import exactly
from pgpipe.lecture.common.evidence import Case, Check, Claim, verdict
from pgpipe.lecture.natural_gradient.criteria import ROUNDED_STEP, SLACK, SMALL_STEP

# Parameters of a step are right to some 1e-14 of its length, so that a KL below this is rounding.
ROUNDING = 1e-20
# |KL/ε - 1| of a plain step is at most so many √ε, as ε → 0: the KL's third derivative against its second.
# For a Gaussian whose σ is stepped by σ², which is the worst, it is |δ|(8δ²/3 + κ²) at δ² + κ²/2 = ε, with
# the relative step δ of σ and κ² = E(Δk s)²/σ²: 8/3 √ε at most. What is left of 3 is for the fourth.
THIRD_ORDER = 3.0
# How near to 1 the slope of log(difference/ε) over log ε has to be: the difference vanishes as ε does.
SLOPE = 0.1
# Parameters, as a reader writes them.
WORDS = {"sigma": "σ", "log_sigma": "log σ", "sigma_squared": "σ²"}
# A difference, relative to ε, that is none; and one that is no small one.
NONE, LARGE = 0.01, 0.1


def e41(step_sizes: pd.DataFrame) -> list[Check]:
    """A plain step of this length has KL = ε but for terms of order √ε, above it or below; the step that goes
    back keeps KL ≤ ε. Both KL are those of the formula for two Gaussians.
    """
    natural = step_sizes[step_sizes["direction"] == "natural"]
    small = natural[natural["epsilon"] <= (1 + SLACK) * SMALL_STEP]
    plain = [
        Check(
            f"KL of the plain step over ε = {epsilon:g}, farthest from 1",
            float(rows.loc[(rows["ratio"] - 1).abs().fillna(np.inf).idxmax(), "ratio"]),
            1.0,
            THIRD_ORDER * float(epsilon) ** 0.5,
            len(rows),
        )
        for epsilon, rows in small.groupby("epsilon")
    ]
    taken = [_within(float(epsilon), rows["taken"]) for epsilon, rows in natural.groupby("epsilon")]
    return plain + taken


def _within(epsilon: float, ratios: pd.Series) -> Check:
    """KL/ε ≤ 1; at least 0.9 for a small step, which hardly goes back, and above 0 for a large one."""
    low = 0.9 if epsilon <= (1 + SLACK) * SMALL_STEP else 0.0
    middle = (low + 1) / 2
    farthest = float(ratios.loc[(ratios - middle).abs().idxmax()])
    what = f"KL of the step that goes back, over ε = {epsilon:g}, between {low:g} and 1"
    return Check(what, farthest, middle, (1 + 1e-6) * (1 - middle), len(ratios))


def c26(step_differences: pd.DataFrame, step_sizes: pd.DataFrame) -> Claim:
    """Natural steps have equal size in policy space and do not depend on the parameterisation."""
    natural, vanilla = (step_differences[step_differences["direction"] == d] for d in ("natural", "vanilla"))
    fitted = natural[natural["epsilon"].between((1 - SLACK) * ROUNDED_STEP, (1 + SLACK) * SMALL_STEP)]
    slopes = {
        f"{WORDS[one]} and {WORDS[other]} at {_place(rows)}": _slope(rows)
        for (_, one, other), rows in fitted.groupby(["point", "one", "other"])
    }
    known = {name: slope for name, slope in slopes.items() if np.isfinite(slope)}
    least, most = step_differences["epsilon"].min(), step_differences["epsilon"].max()
    limit, finite = (natural.loc[natural["epsilon"] == e, "ratio"].max() for e in (least, most))
    plain = vanilla.loc[vanilla["epsilon"] == least, "ratio"].max()
    sizes = step_sizes[(step_sizes["direction"] == "natural") & (step_sizes["epsilon"] == least)]["ratio"]
    uneven = float((sizes - 1).abs().max())
    vanishes = bool(known) and all(abs(slope - 1) < SLOPE for slope in known.values())
    found = verdict(
        vanishes and limit < NONE and uneven < NONE and plain > LARGE, limit > LARGE or uneven > LARGE
    )
    return Claim(
        test="KL between the policies that one natural step reaches if it is taken in σ, in log σ and in "
        "σ², as a share of the KL asked for, ε, and the KL of each step over ε, both as ε → 0; from several "
        "(k, σ) on the line, one batch each, and plain steps of the same KL beside them.",
        found=f"At ε = {least:g} the KL between the policies is at most {limit:.1g} of ε (after plain steps "
        f"{plain:.2g} times ε), and every natural step's KL is within {uneven:.2%} of ε. At ε = {most:g} it "
        f"is {finite:.2g} of ε.",
        rule=f"In the limit ε → 0: supported if the difference over ε falls like ε^(1 ± {SLOPE:g}) "
        f"everywhere and is below {NONE:.0%} at the smallest ε, the KL of each natural step is within "
        f"{NONE:.0%} of ε there, and plain steps differ by more than {LARGE:.0%}; refuted if natural steps "
        f"differ by more than {LARGE:.0%} there, or their KL is off by more than {LARGE:.0%}.",
        quantity="power of ε with which the difference over ε vanishes, the median; the range is over "
        "points and pairs",
        interval=Interval.over_cases(
            float(np.median(list(known.values()))) if known else np.nan, list(known.values()), len(known)
        ),
        n_counts="pairs of parameterisations, over all points (k, σ)",
        verdict=found,
        figure="P17",
        reason=_reason(found, limit, uneven, plain) or _where(most, finite),
        cases=[
            Case(name, exactly(slope), "for" if abs(slope - 1) < SLOPE else "neither", "power of ε")
            for name, slope in known.items()
        ],
    )


def _reason(found: str, limit: float, uneven: float, plain: float) -> str:
    """What is amiss, by the numbers at the smallest ε."""
    if found == "supported":
        return ""
    if limit > LARGE:
        return f"Natural steps by two parameterisations lead to policies that are {limit:.2g} ε apart."
    if uneven > LARGE:
        return f"The KL of a natural step is off by {uneven:.0%} of ε."
    if not plain > LARGE:
        return f"Plain steps do not depend on the parameterisation here, either: {plain:.2g} ε apart."
    return "The difference does not clearly vanish as ε does."


def _where(most: float, finite: float) -> str:
    """The condition on which it is supported: at the largest ε the difference is still there."""
    words = "It holds in the limit of small, KL-normalised steps"
    return (
        f"{words}; at ε = {most:g} the difference is still {finite:.0%} of ε."
        if finite > NONE
        else f"{words}."
    )


def _place(rows: pd.DataFrame) -> str:
    return f"(k, σ) = ({rows['k'].iloc[0]:g}, {rows['sigma'].iloc[0]:g})"


def _slope(rows: pd.DataFrame) -> float:
    """Of log(difference/ε) over log ε; NaN where no two differences are more than rounding."""
    rows = rows[rows["ratio"] * rows["epsilon"] > ROUNDING]
    if len(rows) < 2:
        return np.nan
    return float(np.polyfit(np.log(rows["epsilon"]), np.log(rows["ratio"]), 1)[0])
