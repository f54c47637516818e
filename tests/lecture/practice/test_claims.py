"""Verdicts of section 8 turn with their tables, in words that are there; true statements are rarely refuted."""

import numpy as np
import pandas as pd
import pytest
from claim_texts import assert_readable

from pgpipe.lecture.practice.batch_summary import median_bounds
from pgpipe.lecture.practice.claims.batches import c19
from pgpipe.lecture.practice.claims.noise import c18
from pgpipe.lecture.practice.claims.rates import c20, c21
from pgpipe.lecture.practice.learning_rate_ranges import LearningRatesSpec, summarise_learning_rates

OPTIMISERS = ["sgd", "momentum", "adam"]
BARS = [0.8, 0.9]
KEYS = [(learner, name) for learner in ("policy_gradient", "supervised") for name in OPTIMISERS]
RANGES_SPEC: LearningRatesSpec = {"seed": 0, "resamples": 200, "good": BARS, "optimizers": OPTIMISERS}


def verdict_of(claim):
    """Its verdict, after a look at its words: none is empty, and a reason is there unless it is supported."""
    assert_readable(claim)
    assert {case.says for case in claim.cases} <= {"for", "against", "neither"}
    return claim.verdict


# Learning rates


def learned(widths, environments=("line",)):
    """Columns in which each series is perfect over so many decades around 1 and no good beside."""
    rows = [
        (environment, learner, optimizer, rate, seed, 0.0, float(abs(np.log10(rate)) <= width / 2))
        for environment in environments
        for (learner, optimizer), width in widths.items()
        for rate in 10.0 ** np.arange(-3, 4)
        for seed in range(5)
    ]
    columns = ["environment", "learner", "optimizer", "learning_rate", "seed", "first_return", "final_return"]
    return pd.DataFrame(rows, columns=columns)


def compared(*widths):
    return summarise_learning_rates(RANGES_SPEC, {"one": learned(dict(zip(KEYS, widths, strict=True)))})


def evidence(claim, tables):
    return claim(tables["learning_rate_contrasts"])


def test_widths_and_their_differences():
    """A range of w decades has ends that are interpolated: at a bar of 0.9 a tenth of a decade further out."""
    tables = compared(0, 2, 4, 2, 2, 6)
    ranges = tables["learning_rate_ranges"].set_index(["good", "learner", "optimizer"])
    assert ranges.loc[(0.9, "policy_gradient", "adam"), "width"] == pytest.approx(4.2)
    assert ranges.loc[(0.8, "policy_gradient", "adam"), "width"] == pytest.approx(4.4)
    assert ranges.loc[(0.9, "policy_gradient", "adam"), "from_rate"] == pytest.approx(10**-2.1)
    assert ranges.loc[(0.9, "supervised", "adam"), ["low_censored", "high_censored"]].all()
    assert ranges.loc[(0.9, "supervised", "adam"), "width"] == pytest.approx(6.0)
    contrasts = tables["learning_rate_contrasts"]
    row = contrasts[(contrasts["optimizer"] == "adam") & (contrasts["other_optimizer"] == "momentum")].iloc[0]
    assert row[["difference", "low", "high", "low_all", "high_all"]].tolist() == pytest.approx([2.0] * 5)
    assert len(contrasts) == (3 + 3 + 1) * len(BARS)
    mean = contrasts[(contrasts["optimizer"] == "all") & (contrasts["good"] == 0.9)].iloc[0]
    assert mean["difference"] == pytest.approx((2.0 + 0 + 1.8) / 3)
    assert mean["censored"]
    assert not mean["other_censored"]
    overall = tables["learning_rate_overall"].set_index(["optimizer", "other_optimizer"])
    assert overall.loc[("adam", "momentum"), "difference"] == pytest.approx(2.0)


def test_a_rate_that_an_optimiser_was_not_tried_at_is_no_failure():
    table = learned(dict.fromkeys(KEYS, 6))
    cut = table[(table["optimizer"] != "sgd") | (table["learning_rate"] < 50)]
    ranges = summarise_learning_rates(RANGES_SPEC, {"one": cut})["learning_rate_ranges"]
    row = ranges[(ranges["optimizer"] == "sgd") & (ranges["learner"] == "supervised")].iloc[0]
    assert row["to_rate"] == pytest.approx(10)
    assert row["high_censored"]


@pytest.mark.parametrize(
    ("widths", "expected"),
    [
        ((2, 2, 4, 2, 2, 4), "supported"),
        ((2, 4, 2, 2, 2, 4), "refuted"),
        ((2, 2, 2, 2, 2, 4), "undecided"),
        ((2, 6, 4, 2, 2, 4), "refuted"),
        ((2, 4, 6, 2, 2, 4), "supported"),  # Adam's range may be wider still
    ],
)
def test_c20_compares_adam_with_momentum(widths, expected):
    assert verdict_of(evidence(c20, compared(*widths))) == expected


@pytest.mark.parametrize(
    ("widths", "expected"),
    [
        ((2, 2, 2, 4, 4, 4), "supported"),
        ((2, 2, 4, 4, 4, 2), "supported"),  # the mean over the optimisers counts
        ((2, 4, 4, 2, 2, 4), "refuted"),
        ((2, 4, 4, 4, 4, 2), "undecided"),
    ],
)
def test_c21_compares_both_kinds_of_learning(widths, expected):
    assert verdict_of(evidence(c21, compared(*widths))) == expected


def test_an_order_that_depends_on_the_bar_is_none():
    """Adam falls off slowly at both sides, momentum at once: it is wider at 0.5 alone."""
    base = dict.fromkeys(KEYS, 2)
    table = learned(base | {("policy_gradient", "momentum"): 4})
    slow = (
        (table["optimizer"] == "adam")
        & (table["learning_rate"] != 1)
        & (table["learner"] == "policy_gradient")
    )
    table.loc[slow, "final_return"] = 0.7
    spec = RANGES_SPEC | {"good": [0.5, 0.9]}
    claim = evidence(c20, summarise_learning_rates(spec, {"one": table}))
    assert verdict_of(claim) == "refuted"
    assert {case.name: case.says for case in claim.cases} == {
        "line, at least 0.5 of the best": "for",
        "line, at least 0.9 of the best": "against",
    }
    assert claim.reason.endswith("It is the wider one in others.")


def test_a_censored_range_that_looks_narrower_decides_nothing():
    tables = compared(2, 2, 4, 2, 2, 2)
    tables["learning_rate_contrasts"]["other_censored"] = True
    claim = evidence(c20, tables)
    assert verdict_of(claim) == "undecided"
    assert claim.because == (
        "All 2 differences are above 0, but only 0 count for the claim: a range of the policy gradient is cut off by "
        "the sweep (line, at least 0.8 of the best; line, at least 0.9 of the best), so it may be wider and the "
        "difference smaller."
    )
    assert claim.interval.kind == "at most"
    assert claim.interval.low == -np.inf
    tables["learning_rate_contrasts"]["censored"] = True
    both = evidence(c20, tables)
    assert both.interval.kind == "no bounds"
    assert "line, at least 0.8 of the best, both ranges cut off" in both.reason


def test_c20_says_which_optimiser_it_misses():
    spec = RANGES_SPEC | {"optimizers": ["adam", "sgd"]}
    claim = evidence(c20, summarise_learning_rates(spec, {"one": learned(dict.fromkeys(KEYS, 2))}))
    assert verdict_of(claim) == "undecided"
    assert "undecided: learning_rate_sweep.optimizers does not name adam after momentum" in claim.because


def sweep(rng, adam_wider):
    """Returns of 16 seeds by two optimisers whose scores fall off within a decade, with a seed's noise."""
    logs = np.array([-2.0, -1.5, -1.0, -0.5, 0.0, 0.5])
    rows = []
    for learner in ("policy_gradient", "supervised"):
        for optimizer in ("momentum", "adam"):
            wider = adam_wider if optimizer == "adam" else 0.0
            score = np.clip(1.3 - 0.6 * np.maximum(np.abs(logs + 0.75) - wider / 2, 0), 0, 1)
            returns = np.clip(score + rng.normal(0, 0.15, (16, len(logs))), 0, 1)
            for seed, values in enumerate(returns):
                rows += [
                    ("line", learner, optimizer, 10.0**log, seed, 0.0, value)
                    for log, value in zip(logs, values, strict=True)
                ]
    columns = ["environment", "learner", "optimizer", "learning_rate", "seed", "first_return", "final_return"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.calibration
@pytest.mark.parametrize(("adam_wider", "least", "most"), [(0.0, 0, 0.05), (-1.0, 0.8, 1)])
def test_c20_is_refuted_as_rarely_as_it_promises(adam_wider, least, most):
    """Ranges alike: at most 5 % of 200 reruns refute it. Adam's a decade narrower: nearly all do."""
    rng, reruns = np.random.default_rng(0), 200
    spec = RANGES_SPEC | {"optimizers": ["momentum", "adam"]}
    refuted = sum(
        evidence(c20, summarise_learning_rates(spec, {"one": sweep(rng, adam_wider)})).verdict == "refuted"
        for _ in range(reruns)
    )
    assert least * reruns <= refuted <= most * reruns


# Noise


def noisy(supervised, policy_gradient, spread=0.01, seed=0):
    rng = np.random.default_rng(seed)
    rows = [
        (environment, learner, stage, number, cosine + spread * rng.normal(), 4.0 * abs(cosine), 1.0)
        for environment in ("line", "grid")
        for stage in (0.0, 0.5)
        for learner, cosine in (("supervised", supervised), ("policy_gradient", policy_gradient))
        for number in range(6)
    ]
    columns = ["environment", "learner", "stage", "seed", "cosine", "signal", "variance"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("cosines", "expected"), [((0.8, 0.4), "supported"), ((0.4, 0.8), "refuted"), ((0.5, 0.5), "undecided")]
)
def test_c18_compares_seeds_with_themselves(cosines, expected):
    claim = c18(noisy(*cosines))
    assert verdict_of(claim) == expected
    assert claim.interval == min((case.interval for case in claim.cases), key=lambda i: i.estimate)
    assert claim.interval.n == 6
    assert claim.interval.estimate == pytest.approx(cosines[0] - cosines[1], abs=0.02)
    assert [case.name for case in claim.cases][:2] == ["grid, untrained", "grid, 50% trained"]


@pytest.mark.calibration
def test_c18_is_refuted_as_rarely_as_it_promises():
    refuted = sum(c18(noisy(0.5, 0.5, 0.1, seed)).verdict == "refuted" for seed in range(200))
    assert refuted <= 0.05 * 200
    assert all(c18(noisy(0.4, 0.7, 0.1, seed)).verdict == "refuted" for seed in range(20))


def test_c18_needs_two_seeds():
    claim = c18(noisy(0.8, 0.4).query("seed == 0"))
    assert verdict_of(claim) == "undecided"
    assert "fewer than two seeds" in claim.because


# Batch sizes


BOUNDS = ["usable_steps_low", "usable_steps_high"]


def crossings(*bounds):
    rows = [
        ("line", 0.01 * place, 0.7, (low + high) / 2, 1.0 * low, 1.0 * high, 1.0 * low, 1.0 * high)
        for place, (low, high) in enumerate(bounds)
    ]
    names = ["usable_steps", "usable_steps_low", "usable_steps_high", "low_all", "high_all"]
    table = pd.DataFrame(rows, columns=["environment", "stage", "usable_cosine", *names])
    table["at_least"] = table["usable_steps"].eq(np.inf)
    return table.assign(censored=0, smallest=250.0, largest=320_000.0, seeds=9)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ([(1_200, 3_000), (2_000, 90_000)], "supported"),
        ([(1_200, 3_000), (11_000, 30_000)], "supported"),  # tens of thousands, as the lecture says
        ([(1_200, 3_000), (300, 800)], "refuted"),
        ([(1_200, 3_000), (110_000, np.inf)], "refuted"),
        ([(1_200, 3_000), (900, 2_000)], "undecided"),
        ([(1_200, 3_000), (2_000, np.inf)], "undecided"),
    ],
)
def test_c19_asks_for_thousands_or_tens_of_thousands_everywhere(bounds, expected):
    assert verdict_of(c19(crossings(*bounds))) == expected


def test_c19_shows_the_lowest_median_that_is_known_and_says_what_is_a_bound():
    table = crossings((1_200, 3_000), (0, 250), (400, 600), (9_000, np.inf))
    table.loc[1, "usable_steps"] = 250.0
    claim = c19(table)
    assert claim.interval.estimate == 500
    assert [case.interval.kind for case in claim.cases] == [
        "95 % interval", "at most", "95 % interval", "at least",
    ]  # fmt: skip
    assert claim.reason.startswith("Not in general: fewer than 1,000 steps are enough in 2 of 4 cases")


def test_c20_shows_its_lowest_case_and_tells_what_is_open():
    contrasts = compared(2, 2, 4, 2, 2, 4)["learning_rate_contrasts"]
    pair = contrasts[(contrasts["optimizer"] == "adam") & (contrasts["other_optimizer"] == "momentum")]
    grid = pair.assign(environment="grid", difference=[0.9, -1.3], low=-1.6, high=1.2, high_all=1.4)
    claim = c20(pd.concat([pair, grid]))
    assert (claim.verdict, claim.interval.estimate) == ("undecided", -1.3)
    assert claim.reason.startswith(
        "Adam's range is wider on line at every threshold; on grid the order is open at 2 of 2 thresholds, even in "
        "sign (+0.90 decades at 0.8 of the best and -1.30 decades at 0.9 of the best). If -1.30 [-1.60, 1.20] (grid"
    )


def test_c19_corrects_for_its_looks():
    """Fewer than a thousand at 95 % of this case, but not of all together."""
    table = crossings((1_200, 3_000), (300, 800))
    table.loc[1, "high_all"] = 1_100
    assert verdict_of(c19(table)) == "undecided"


@pytest.mark.parametrize(
    ("bounds", "sizes", "lacks"),
    [
        ((2_000, np.inf), (250, 5_000), "no batch of 100,000 steps or more, which some seeds may need"),
        ((0, 2_000), (2_000, 320_000), "no batch of fewer than 1,000 steps"),
    ],
)
def test_c19_does_not_see_beyond_its_batches(bounds, sizes, lacks):
    """No batch of 5,000 is usable: that is not yet too many; nor is the smallest one a bound."""
    table = crossings((1_200, 3_000), bounds)
    table.loc[1, ["smallest", "largest"]] = [float(size) for size in sizes]
    claim = c19(table)
    assert claim.verdict == "undecided"
    assert claim.because == f"undecided: {lacks}"


@pytest.mark.calibration
@pytest.mark.parametrize(("median", "least", "most"), [(1_000, 0, 0.05), (300, 0.9, 1)])
def test_c19_is_refuted_as_rarely_as_it_promises(median, least, most):
    """Six cases of 16 seeds, each with the median at the edge: at most 5 % of 200 reruns refute it."""
    rng, reruns, refuted = np.random.default_rng(0), 200, 0
    for _ in range(reruns):
        table = crossings(*[(1_000, 3_000)] * 6)
        for place in range(6):
            values = np.sort(median * rng.lognormal(0, 0.7, 16))
            for names, chance in ((["low_all", "high_all"], 0.05 / 6), (BOUNDS, 0.05)):
                table.loc[place, names] = median_bounds(values, values, chance)
        refuted += c19(table).verdict == "refuted"
    assert least * reruns <= refuted <= most * reruns


def test_without_rows_nothing_is_decided():
    tables = compared(2, 2, 2, 2, 2, 2)
    empty = {name: table.iloc[:0] for name, table in tables.items()}
    for claim in (evidence(c20, empty), evidence(c21, empty), c19(crossings()), c18(noisy(1, 1).iloc[:0])):
        assert verdict_of(claim) == "undecided"
