"""Section 6: every verdict turns with its tables, says why, and is wrong no more often than promised."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pgpipe.intervals import Interval
from pgpipe.lecture.off_policy.claims import bias, first_order, forms, past, steps, weights
from pgpipe.lecture.off_policy.claims._rows import growth, projection_of, together

ESTIMATORS = pd.DataFrame(
    [
        ("to_go", "reward_to_go", "none"),
        ("whole", "total_return", "trajectory"),
        ("whole_to_go", "reward_to_go", "trajectory"),
        ("causal", "reward_to_go", "per_decision"),
        ("first", "reward_to_go", "first_order"),
    ],
    columns=["estimator", "signal", "importance"],
).assign(baseline="none", bias="none")
DISTANCES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1)


def limits(exponent=0.5, gain=1.0, past=0.2):
    """Exact biases of three forms in an environment of several steps, and J after a step along each."""
    rows = [
        {"environment": "line", "direction": way, "distance": d, "kl": d, "form": form, "exact_bias": d**exponent,
         "exact_past_gap": past * d**0.5, "old": -2.0, "new": -2.1, "after": -2.1 + gain}
        for way in ("gradient", "random 1", "random 2")
        for d in DISTANCES
        for form in ("none", "first_order", "no_future")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def gradients(ratio=0.5, gap=(0.1, 1.0), width=1.1, fourth=2.0, form=1.0, seen=True):
    """Two environments, the first exact, by two distances: ratios of variances, gaps and projections."""
    rows = []
    for environment in ("line", "cartpole"):
        for estimator in ESTIMATORS["estimator"]:
            for distance, g in zip((0.001, 0.1), gap, strict=True):
                row = {
                    "environment": environment,
                    "direction": "gradient",
                    "distance": distance,
                    "kl": distance,
                }
                row |= {"estimator": estimator, "replicates": 100, "parameters": 2, "gap": g, "past_gap": g}
                row |= {
                    f"{n}_{end}": g * f
                    for n in ("gap", "past_gap")
                    for end, f in (("low", 0.9), ("high", 1.1))
                }
                if not seen:
                    row["past_gap_low"] = row["gap_low"] = 0.0
                for name in ("variance_ratio", "truncation_ratio"):
                    row |= {name: ratio, f"{name}_low": ratio / width, f"{name}_high": ratio * width}
                exact = environment == "line"
                row |= {
                    "projection": 1.0,
                    "projection_error": 0.01,
                    "form_deviation": form if exact else np.nan,
                }
                row |= {"exact_bias": g if exact else np.nan, "trajectory_effective_share": 0.9}
                row |= {f"trajectory_exact_{n}_moment": m for n, m in (("second", 1.1), ("fourth", fourth))}
                rows.append(row)
    return pd.DataFrame(rows)


def whole_weights(above=0.3, longest=10):
    rows = [
        {"environment": e, "direction": "gradient", "distance": 0.1, "horizon": t, "above_one": above, "n": 1000,
         "log_q50": -0.1 * t, "effective_share": 0.5}
        for e in ("line", "cartpole")
        for t in (1, longest)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def paths(sign=1.0):
    rows = [
        {
            "environment": "line",
            "path": path,
            "step": k,
            "kl": 0.0025 * k**2,
            "old": -2.0,
            "reached": -2 + s * k,
        }
        for path, s in (("E30", sign), ("against E30", -sign), ("random 1", -1.0))
        for k in range(50)
    ]
    return pd.DataFrame(rows)


def scaling(first=1.0, whole=3.0, width=1.1):
    rows = [
        {"estimator": name, "horizon": t, "cost": c, "cost_low": c / width, "cost_high": c * width, "n": 6400,
         "exact_second_moment": 2.0 if t == 40 else 6.0, "shift": -0.08}
        for name, growth in (("first", first), ("whole", whole))
        for t, c in ((40, 2.0), (160, 2.0 * growth))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def identities(off=0.0):
    row = {"equation": "E27", "environment": "line", "what": "by hand", "kind": "exact", "value": off}
    return pd.DataFrame([row | {"reference": 0.0, "scale": 1.0, "n": 16, "comparisons": 1}])


def moments(power):
    """E[w²] whose logarithm grows like a power of the steps."""
    t = np.arange(1, 41)
    return pd.DataFrame({"shift": -0.1, "horizon": t, "exact": np.exp(0.05 * t**power)})


CASES: dict[str, tuple[Any, ...]] = {
    "c11 grows": (bias.c11, (gradients(), limits()), "supported"),
    "c11 falls": (bias.c11, (gradients(), limits(exponent=-0.5)), "refuted"),
    "c11 measured, in doubt": (bias.c11, (gradients(gap=(0.95, 1.0)), limits()), "undecided"),
    "c11 measured, falls": (bias.c11, (gradients(gap=(1.0, 0.1)), limits()), "refuted"),
    "c12 one": (bias.c12, (gradients(), identities()), "supported"),
    "c12 a component is off": (bias.c12, (gradients(form=9.0), identities()), "refuted"),
    "c12 not the on-policy one": (bias.c12, (gradients(), identities(off=1e-3)), "refuted"),
    "c12 too noisy": (bias.c12, (gradients().assign(projection_error=0.1), identities()), "undecided"),
    "c13 exponential": (weights.c13, (moments(1.0), whole_weights()), "supported"),
    "c13 like the root": (weights.c13, (moments(0.25), whole_weights()), "refuted"),
    "c13 a little slower": (weights.c13, (moments(0.75), whole_weights()), "undecided"),
    "c14 lower": (forms.c14, (gradients(),), "supported"),
    "c14 higher": (forms.c14, (gradients(ratio=2.0),), "refuted"),
    "c14 in doubt": (forms.c14, (gradients(ratio=0.95),), "undecided"),
    "c14 the same by making": (forms.c14, (gradients(ratio=1.0, width=1.0),), "undecided"),
    "c14 no fourth moment": (forms.c14, (gradients(fourth=np.inf),), "undecided"),
    "c14 biased": (forms.c14, (gradients(form=9.0),), "refuted"),
    "c15 rises": (steps.c15, (paths(), limits(), whole_weights()), "supported"),
    "c15 a wrong sign": (steps.c15, (paths(-1.0), limits(gain=-1.0), whole_weights()), "refuted"),
    "c15 steps lower J": (steps.c15, (paths(), limits(gain=-1.0), whole_weights()), "refuted"),
    "c15 with one step": (steps.c15, (paths(), limits(), whole_weights(longest=1)), "undecided"),
    "c16 bounded": (first_order.c16, (limits(), scaling(), whole_weights()), "supported"),
    "c16 explodes": (first_order.c16, (limits(), scaling(first=3.0), whole_weights()), "refuted"),
    "c16 another exponent": (first_order.c16, (limits(0.7), scaling(), whole_weights()), "refuted"),
    "c16 horizons too short": (first_order.c16, (limits(), scaling(whole=1.1), whole_weights()), "undecided"),
    "c16 in doubt": (first_order.c16, (limits(), scaling(first=1.7), whole_weights()), "undecided"),
    "c33 some above": (weights.c33, (whole_weights(),), "refuted"),
    "c33 none above": (weights.c33, (whole_weights(0.0),), "supported"),
    "c33 some above in one place": (
        weights.c33,
        (whole_weights(0.0).assign(above_one=[0.0, 0.0, 0.3, 0.3]),),
        "undecided",
    ),
    "c34 a bias": (past.c34, (gradients(), limits(), whole_weights()), "supported"),
    "c34 none": (past.c34, (gradients(), limits(past=0.0), whole_weights()), "refuted"),
    "c34 in doubt": (past.c34, (gradients(seen=False), limits(), whole_weights()), "undecided"),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_verdict_turns_with_its_tables(name):
    """And its row says in words what was tested, what came out and why."""
    function, tables, expected = CASES[name]
    asks = function.__code__.co_varnames[: function.__code__.co_argcount]
    claim = function(*tables, *([ESTIMATORS] if "estimators" in asks else []))
    assert claim.verdict == expected
    words = ("test", "found", "rule", "quantity", "n_counts", "figure")
    assert all(getattr(claim, field) for field in words if claim.cases or field != "found")
    assert claim.because or expected == "supported"
    assert "nan" not in claim.reason
    assert len({(case.name, case.quantity) for case in claim.cases}) == len(claim.cases)
    assert claim.cases or claim.lacks


def test_c16_separates_the_two_forms():
    """The criterion that first-order weights pass is one that whole trajectories' weights fail."""
    swapped = scaling().replace({"first": "whole", "whole": "first"})
    claim = first_order.c16(limits(), swapped, whole_weights(), ESTIMATORS)
    assert (claim.verdict, "explodes" in claim.reason) == ("refuted", True)


def test_c14_refutes_a_true_statement_no_more_often_than_promised():
    """17 ratios of variances that are all equal, from the same batches: at most 5 % of studies see a higher one."""
    rng, wrong, studies = np.random.default_rng(0), 0, 400
    for _ in range(studies):
        error = 0.1
        logs = error * (0.8 * rng.standard_normal() + 0.6 * rng.standard_normal(17))
        intervals = [
            together(
                Interval.by_chance(np.exp(x), np.exp(x - 1.96 * error), np.exp(x + 1.96 * error), 9), 17, True
            )
            for x in logs
        ]
        wrong += any(interval.low > 1 for interval in intervals)
    assert wrong / studies <= 0.05


@pytest.mark.parametrize(("bias_of", "within"), [(0.0, (0.95, 1.0)), (0.05, (0.0, 0.3))])
def test_the_projection_covers_one_also_where_targets_share_batches(bias_of, within):
    """400 studies of three environments with five targets each, whose errors are the same but for a tenth."""
    rng, covered, studies = np.random.default_rng(1), 0, 400
    for _ in range(studies):
        rows = []
        for environment in "abc":
            shared = rng.standard_normal()
            for _ in range(5):
                noise = 0.02 * (0.9**0.5 * shared + 0.1**0.5 * rng.standard_normal())
                rows.append((environment, 1 + bias_of + noise, 0.02, 400))
        columns = ["environment", "projection", "projection_error", "replicates"]
        interval = projection_of(pd.DataFrame(rows, columns=columns))
        covered += interval.low <= 1 <= interval.high
    assert within[0] - 0.02 <= covered / studies <= within[1]


@pytest.mark.parametrize(("true", "share"), [(1.0, (0.0, 0.05)), (3.0, (0.95, 1.0))])
def test_the_growth_is_above_the_bar_for_what_explodes_alone(true, share):
    """400 studies of costs known to 6 %; the bar is √3."""
    rng, above, studies = np.random.default_rng(2), 0, 400
    for _ in range(studies):
        cost = np.array([2.0, 2.0 * true]) * np.exp(0.06 * rng.standard_normal(2))
        rows = pd.DataFrame({"horizon": [40, 160], "cost": cost, "n": 6400})
        rows = rows.assign(cost_low=cost * np.exp(-0.1176), cost_high=cost * np.exp(0.1176))
        above += growth(rows, "cost").low > 3**0.5
    assert share[0] <= above / studies <= share[1]


def test_c11_shows_the_growth_and_both_ends():
    """Exactly √(0.1/1e-6), beside what was measured elsewhere, which is no part of the range."""
    claim = bias.c11(gradients(gap=(0.1, 50.0)), limits(), ESTIMATORS)
    assert claim.interval.estimate == pytest.approx(1e5**0.5)
    assert claim.interval.n == 3
    (measured,) = (case for case in claim.cases if case.name == "cartpole, gradient, 0.001 to 0.1 nats")
    assert measured.interval.estimate == pytest.approx(500)
    ends = [case.interval.estimate for case in claim.cases if case.name.startswith("line, gradient, ")]
    assert ends == pytest.approx([1e5**0.5, 1e-3, 1e-1**0.5])


def test_c13_shows_the_ratio_that_decides_and_the_rate():
    claim = weights.c13(moments(1.0), whole_weights())
    assert claim.interval.estimate == pytest.approx(1)
    assert [case.interval.estimate for case in claim.cases] == pytest.approx([1, 0.05])
    assert (
        claim.reason == "E[w²] grows exponentially on the line, for every shift of k for which it is finite."
    )


def test_c14_shows_the_highest_ratio_not_the_highest_bound():
    table = gradients(ratio=0.5)
    first = (table["environment"] == "line") & (table["distance"] == 0.001)
    table.loc[first, ["variance_ratio", "variance_ratio_low", "variance_ratio_high"]] = (0.4, 0.2, 0.9)
    table.loc[table["environment"] == "cartpole", "replicates"] = 40
    claim = forms.c14(table, ESTIMATORS)
    assert claim.interval.estimate == 0.5
    assert claim.interval.kind == "95 % interval over all cases together"
    assert claim.n_counts == "batches in that case (cartpole: 40)"


def test_c15_says_where_a_path_ended_and_where_j_fell():
    """The path that never falls is known up to its end alone; one that falls is known exactly."""
    claim = steps.c15(paths(), limits(), whole_weights())
    assert (claim.interval.kind, claim.interval.high) == ("at least", np.inf)
    assert claim.interval.low == pytest.approx(0.0025 * 49**2)
    assert "along E30 and in the best of these it rises by 6 and -6 on the line" in claim.found
    assert [case.interval.n for case in claim.cases if "random" in case.name] == [2] * 6
    fallen = paths()
    fallen.loc[(fallen["path"] == "E30") & (fallen["step"] > 20), "reached"] = -3.0
    claim = steps.c15(fallen, limits(), whole_weights())
    assert (claim.interval.kind, claim.verdict) == ("exact", "supported")
    assert claim.interval.estimate == pytest.approx(1.0)


def test_c33_shows_the_lowest_share_not_the_lowest_bound():
    table = whole_weights().assign(above_one=[0.3, 0.3, 0.35, 0.35], n=[100_000, 100_000, 100, 100])
    claim = weights.c33(table)
    assert claim.interval.estimate == 0.3
    assert claim.interval.kind == "95 % interval over all cases together"
