"""The direction without γᵗ in front of the score (E49, C39)."""

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, lacking, listed, stretched
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.common.identities import Identities
from pgpipe.statistics import LEVEL

IDENTITIES = Identities(
    "discount_identities",
    {
        "E49": "The circulation around a loop is the integral of the curl within, ∇J has none, and estimates "
        "with and without γᵗ have the exact directions as their means.",
    },
)

# A circulation counts as none below this share of what it would be if the direction were that of the loop.
MARGIN = 0.01


def c39(discount_circulation: pd.DataFrame, discount_ends: pd.DataFrame) -> Claim:
    """Without γᵗ in front of the score it is the gradient of another objective."""
    rows = discount_circulation[discount_circulation["n"] > 0].to_dict("records")
    tested = [row for row in rows if row["form"] == "without" and row["gamma"] < 1]
    control = [row for row in rows if row["form"] == "with" or row["gamma"] == 1]
    cases = [_case(row, len(tested)) for row in tested]
    beside = [_case(row, max(1, len(control)), decides=False) for row in control]
    broken = [case for case, row in zip(beside, control, strict=True) if not _holds_zero(row, len(control))]
    against = [case for case in cases if case.says == "against"]
    found = verdict(
        supported=not broken and bool(cases) and all(case.says == "for" for case in cases),
        refuted=not broken and bool(against),
    )
    decides = max(against or cases, key=lambda case: abs(case.interval.estimate), default=None)
    return Claim(
        test="On the line: the circulation ∮ g·dθ of the direction without γᵗ around a loop in (k, σ), from "
        "rollouts at points of the loop. It is zero around every loop if the direction is the gradient of "
        "anything; with γᵗ, or at γ = 1, it is ∇J's and has to be.",
        found=_told(tested) + _ends(discount_ends),
        rule=f"Supported if at every γ below 1 the 95 % interval lies within ± {MARGIN:.0%} of what the "
        "circulation would be if the direction were that of the loop; refuted if at one of them the interval "
        f"at {1 - PROMISE:.1%} over all γ (Bonferroni) leaves zero out. Undecided if that of ∇J does.",
        quantity=f"∮ g·dθ, {decides.name}" if decides else "∮ g·dθ without γᵗ",
        interval=decides.interval if decides else Interval.unknown(),
        n_counts="walks at that γ",
        verdict=found,
        figure="P21",
        reason=_reason(broken, cases),
        lacks=lacking((not tested, "the discount study has no γ below 1")),
        cases=[*cases, *beside, *_end_cases(discount_ends)],
    )


def _interval(row: dict[str, float]) -> Interval:
    return Interval.of_row(row, "measured", int(row["n"]))


def _holds_zero(row: dict[str, float], looks: int) -> bool:
    low, high = stretched(_interval(row), PROMISE / looks)
    return low <= 0 <= high


def _case(row: dict[str, float], looks: int, *, decides: bool = True) -> Case:
    """One circulation, with the interval that holds together with the others'."""
    own = _interval(row)
    low, high = stretched(own, (1 - LEVEL) / looks)
    bound, says = MARGIN * row["largest"], "neither"
    if decides and not _holds_zero(row, looks):
        says = "against"
    elif decides and -bound < low and high < bound:
        says = "for"
    shown = Interval.by_chance(own.estimate, low, high, own.n)
    name = f"γ = {row['gamma']:g}, {row['form']} γᵗ"
    said: Says = says  # type: ignore[assignment]
    quantity = f"∮ g·dθ; exact {round(row['circulation'], 3) + 0.0:.3f}"
    return Case(name, shown.together() if looks > 1 else shown, said, quantity)


def _told(tested: list[dict[str, float]]) -> str:
    """Every circulation, beside the exact one."""
    each = [
        f"{_interval(row):.2f} at γ = {row['gamma']:g} (exact {row['circulation']:.2f})" for row in tested
    ]
    return f"The circulation is {listed(each)}." if each else "Nothing was measured."


def _ends(ends: pd.DataFrame) -> str:
    """How much worse J is where following it ends."""
    worst = losses(ends)
    if worst.empty:
        return ""
    told = [
        f"{f'at most {100 * loss:.2g} %' if loss else 'nothing'} where σ is {how}"
        for how, loss in worst.items()
    ]
    least = ends["gamma"].min()
    return (
        f" Where following it ends, J loses against the best k {listed(told)}; exact, over γ "
        f"from {least:g} on."
    )


def losses(ends: pd.DataFrame) -> "pd.Series[float]":
    """The largest loss without γᵗ at a γ below 1, by what becomes of σ; what rounding leaves is none."""
    own = ends[(ends["form"] == "without") & (ends["gamma"] < 1)]
    found = own.groupby("spread", sort=False)["loss"].max()
    return found.where(found > ROUNDING, 0.0)


ROUNDING = 1e-9  # of a loss


def _end_cases(ends: pd.DataFrame) -> list[Case]:
    """The losses, which decide nothing."""
    own = ends[(ends["form"] == "without") & (ends["gamma"] < 1)]
    cases = []
    for how, rows in own.groupby("spread", sort=False):
        values = [loss if loss > ROUNDING else 0.0 for loss in rows["loss"]]
        name = f"where following it ends, σ {how}; over γ and starts"
        interval = Interval.over_cases(max(values), values, len(values))
        cases.append(Case(name, interval, quantity="loss of J as a share of |J|"))
    return cases


def _reason(broken: list[Case], cases: list[Case]) -> str:
    """What decides it, or what keeps it open."""
    against = [case for case in cases if case.says == "against"]
    if broken:
        where = listed(case.name for case in broken)
        return f"The measurement is off: ∇J seems to have a circulation ({where})."
    if against:
        worst = max(against, key=lambda case: abs(case.interval.estimate))
        value = f"{worst.interval:.2f} ({worst.name.partition(',')[0]})"
        return f"Without γᵗ it is the gradient of nothing: its circulation around a loop is {value}."
    if any(case.says == "neither" for case in cases):
        return "No circulation is told from zero, and not all are known to be within the margin."
    return ""
