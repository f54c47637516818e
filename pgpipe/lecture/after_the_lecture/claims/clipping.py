"""What clipping does to the gradient's length and direction (E47, E48, C38)."""

from dataclasses import dataclass

import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import PROMISE, lacking, listed, lowest_of, stretched
from pgpipe.lecture.common.evidence import Case, Claim, Says, verdict
from pgpipe.lecture.common.identities import Identities
from pgpipe.statistics import LEVEL

IDENTITIES = Identities(
    "clipping_identities",
    {
        "E47": "The derivative of the clipped surrogate is the sum of scores whose weights clipping leaves, "
        "and its mean is the exact one.",
        "E48": "What multiplies the scores is V-trace's recursion, and its mean is the exact one.",
    },
)

# How far apart the factors of two parameters may be and the direction still counts as the same.
MARGIN = 0.05

NAMES = {"k": "μ", "sigma": "σ"}
FORMS = {"plain": "plain", "clipped": "clipped", "v_trace": "V-trace"}


@dataclass(frozen=True)
class Factor:
    """By what E ĝ is longer than ∂J/∂θ at one KL, for one parameter; or how far two parameters' are apart."""

    kl: float
    what: str
    interval: Interval
    apart: bool = False

    def case(self, form: str, looks: int) -> Case:
        """What it says of a direction that is to stay, and of a length that is to shrink."""
        low, high = stretched(self.interval, (1 - LEVEL) / looks)
        sure_low, sure_high = stretched(self.interval, PROMISE / looks)
        says: Says = "neither"
        if self.apart:
            fits = low > -MARGIN and high < MARGIN
            off = sure_high < -MARGIN or sure_low > MARGIN
        else:
            fits, off = low > 0 and high < 1 + MARGIN, sure_high < 0 or sure_low > 1 + MARGIN
        if form == "clipped":
            says = "against" if off else "for" if fits else "neither"
        name = f"{FORMS[form]}, KL {self.kl:g}, {self.what}"
        interval = Interval.by_chance(self.interval.estimate, low, high, self.interval.n)
        quantity = "E ĝ/∂J by μ minus that by σ" if self.apart else "E ĝ/∂J"
        return Case(name, interval.together() if looks > 1 else interval, says, quantity)


def c38(clipping: pd.DataFrame, clipping_factors: pd.DataFrame) -> Claim:
    """Clipping only shortens the step."""
    factors = _factors(clipping, clipping_factors, "clipped")
    cases = [factor.case("clipped", len(factors)) for factor in factors]
    lengths = [case for case in cases if case.quantity == "E ĝ/∂J"]
    decides = lowest_of(lengths)
    against = [case for case in cases if case.says == "against"]
    found = verdict(
        supported=bool(cases) and all(case.says == "for" for case in cases), refuted=bool(against)
    )
    others = [
        factor.case(form, len(factors))
        for form in ("v_trace", "plain")
        for factor in _factors(clipping, clipping_factors, form)
    ]
    return Claim(
        test="On the Gaussian bandit, with the exact advantage: the mean of the clipped gradient over the "
        "exact ∂J/∂θ at the target θ', by each of its two parameters, for targets uphill from the policy "
        "that samples.",
        found=_told(lengths) + _turn(clipping) + _along(clipping_factors),
        rule="Only shorter: one factor between 0 and 1 for both parameters. Supported if at every KL above 0 "
        f"both factors lie above 0 and below {1 + MARGIN:g} and within {MARGIN:g} of each other, at 95 % "
        f"over all these together; refuted if one of them fails at {1 - PROMISE:.1%} over all "
        "(Bonferroni).",
        quantity="E ĝ/∂J" + (f", the lowest: {decides.name}" if decides else ", clipped"),
        interval=decides.interval if decides else Interval.unknown(),
        n_counts="trajectories, the same at every KL",
        verdict=found,
        figure="P20",
        reason=_reason(against, lengths) if found != "supported" else "",
        lacks=lacking((not cases, "the clipping study has no KL above 0")),
        cases=[*cases, *others, *_along_cases(clipping_factors)],
    )


def _factors(clipping: pd.DataFrame, factors: pd.DataFrame, form: str) -> list[Factor]:
    """Those that were measured where θ' is not θ."""
    found = []
    known = (clipping["kl"] > 0) & (clipping["n"] > 0) & (clipping["gradient"] != 0)
    own = clipping[(clipping["form"] == form) & known]
    for row in own.to_dict("records"):
        low, high = sorted(row[f"measured_mean_{end}"] / row["gradient"] for end in ("low", "high"))
        interval = Interval.by_chance(row["measured_mean"] / row["gradient"], low, high, row["n"])
        found.append(Factor(row["kl"], f"by {NAMES[row['parameter']]}", interval))
    known = (factors["kl"] > 0) & (factors["n"] > 0) & factors["measured_apart"].notna()
    both = factors[(factors["form"] == form) & known]
    for row in both.to_dict("records"):
        interval = Interval.of_row(row, "measured_apart", row["n"])
        found.append(Factor(row["kl"], "both parameters", interval, apart=True))
    return found


def _told(lengths: list[Case]) -> str:
    """`By μ 0.80 at KL 0.005, …; by σ …`."""
    told = []
    for name in NAMES.values():
        own = [case for case in lengths if case.name.endswith(f"by {name}")]
        each = [f"{round(case.interval.estimate, 2) + 0.0:.2f} at {case.name.split(', ')[1]}" for case in own]
        if each:
            told.append(f"by {name} {listed(each)}")
    return f"E ĝ/∂J of the clipped gradient is {'; '.join(told)}." if told else "Nothing was measured."


def _turn(clipping: pd.DataFrame) -> str:
    """Where the exact curve by μ goes through zero."""
    at = turning_point(clipping)
    return f" By μ it is exactly zero at a KL of {at:.3f} nats." if at else ""


def _measured(factors: pd.DataFrame) -> pd.DataFrame:
    return factors[(factors["kl"] > 0) & (factors["n"] > 0)]


def _along(factors: pd.DataFrame) -> str:
    """What is left along the whole gradient, by both parameters."""
    own = _measured(factors)
    own = own[own["form"] == "clipped"]
    each = [f"{row.measured_along:.2f} at KL {row.kl:g}" for row in own.itertuples()]
    return f" Along the whole ∇J(θ') it is {listed(each)}." if each else ""


def _along_cases(factors: pd.DataFrame) -> list[Case]:
    """The inner products with ∇J(θ'), which decide nothing."""
    return [
        Case(
            f"{FORMS[row['form']]}, KL {row['kl']:g}, along ∇J",
            Interval.of_row(row, "measured_along", row["n"]),
            quantity="E ĝ·∇J/‖∇J‖²",
        )
        for row in _measured(factors).to_dict("records")
        if row["form"] in FORMS
    ]


def turning_point(clipping: pd.DataFrame, form: str = "clipped", parameter: str = "k") -> float | None:
    """The KL at which the exact mean's component changes its sign, between two points of the curve."""
    of = (clipping["form"] == form) & (clipping["parameter"] == parameter) & (clipping["gradient"] != 0)
    own = clipping[of].sort_values("kl")
    factor, kl = (own["mean"] / own["gradient"]).to_numpy(), own["kl"].to_numpy()
    for i in range(1, len(own)):
        if factor[i - 1] > 0 >= factor[i]:
            return float(kl[i - 1] + (kl[i] - kl[i - 1]) * factor[i - 1] / (factor[i - 1] - factor[i]))
    return None


def _reason(against: list[Case], lengths: list[Case]) -> str:
    """Whether it points the other way somewhere, or turns, or what is open."""
    back = [case for case in against if case.quantity == "E ĝ/∂J" and case.interval.estimate < 0]
    if back:
        worst = min(back, key=lambda case: case.interval.estimate)
        where = worst.name.removeprefix("clipped, ")
        return f"The clipped gradient can point the other way: E ĝ/∂J is {worst.interval:.2f} ({where})."
    if against:
        turned = max(against, key=lambda case: abs(case.interval.estimate))
        return f"Clipping changes the direction: {turned.quantity} is {turned.interval:.2f} ({turned.name})."
    return "The intervals are too wide to tell a shorter step from another direction." if lengths else ""
