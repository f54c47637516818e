"""How far numbers may move on another machine: by what their own intervals leave open, else by rounding."""

import random
from math import sqrt

import pytest

from pgpipe.lecture.codebook import rooms
from pgpipe.verification.numbers import disagreements, other_policies, read_numbers, thinned
from pgpipe.verification.tolerances import bounds_of

SUMMARY = "reports/tables/learning_summary.csv"  # iqm, and low, high: its 95 % interval
COMPONENTS = "reports/tables/gradient_components.csv"  # mean, and its standard_error


def table(**columns):
    return {"rows": len(next(iter(columns.values()))), "columns": columns}


def test_declared_ends_bound_what_they_name():
    """By the words of the declaration, by the columns' names, by the words of what several tables share."""
    assert bounds_of("reports/tables/learning_improvement.csv").ends == {"probability": ("low", "high")}
    assert bounds_of(COMPONENTS).errors == {"mean": "standard_error"}
    assert bounds_of("reports/tables/claim_cases.csv").ends == {"value": ("low", "high")}
    assert bounds_of("reports/tables/gradient_quality.csv").ends["cosine"] == ("cosine_low", "cosine_high")


def test_every_pair_of_ends_that_is_declared_bounds_a_number():
    """But for `low_all` and its like, which bound the same number a second time."""
    lost = [
        (each.name, low)
        for room in rooms()
        for each in room.tables
        for entry in each.entries
        for low in entry.columns
        if low.endswith("low") and low[:-3] + "high" in entry.columns
        if bounds_of(f"reports/tables/{each.name}.csv").bounded(low) is None
    ]
    assert lost == []


def test_an_error_is_an_interval_too():
    """0.1 apart, standard errors 0.05 each: √2 of one; 0.5 apart: 7 of them."""
    then = table(mean=[1.0], standard_error=[0.05])
    assert disagreements(COMPONENTS, then, table(mean=[1.1], standard_error=[0.05])) == []
    assert disagreements(COMPONENTS, then, table(mean=[1.5], standard_error=[0.05]))


def test_a_number_without_an_interval_may_only_be_rounded():
    then = table(k=[0.5, -0.25], J=[-5.0, 3.0])
    flows = "reports/tables/flows.csv"
    assert disagreements(flows, then, table(k=[0.5, -0.25], J=[-5.0001, 3.0])) == []
    found = disagreements(flows, then, table(k=[0.5, -0.25], J=[-5.01, 3.0]))
    assert found == ["J: 1 of 2, the first -5, now -5.01"]


@pytest.mark.parametrize("now", [["b", 1.0], ["a", "nan"], ["a", ""]])
def test_words_and_gaps_have_to_be_the_same(now):
    then = table(recipe=["a"], iqm=[1.0], low=[0.0], high=[2.0])
    found = disagreements(SUMMARY, then, table(recipe=[now[0]], iqm=[now[1]], low=[0.0], high=[2.0]))
    assert len(found) == 1


def test_other_rows_or_columns_are_told():
    then = table(recipe=["a", "b"], iqm=[1.0, 1.0])
    assert disagreements(SUMMARY, then, table(recipe=["a"], iqm=[1.0])) == ["2 rows, now 1"]
    assert disagreements(SUMMARY, then, table(recipe=["a", "b"], mean=[1.0, 1.0])) == [
        "columns iqm, mean on one side alone"
    ]


def test_chance_alone_hardly_ever_disagrees_and_a_shift_does():
    """A table of 200 independent estimates, twice with other seeds, 300 times; then all moved by a half interval.

    By chance alone 0.001 of tables disagree: three of 300 or more with probability 0.0036.
    """
    draw = random.Random(0)

    def estimates(shift=0.0):
        means = [draw.gauss(shift, 1.0) for _ in range(200)]
        return table(iqm=means, low=[m - 1.96 for m in means], high=[m + 1.96 for m in means])

    wrong = sum(bool(disagreements(SUMMARY, estimates(), estimates())) for _ in range(300))
    seen = sum(bool(disagreements(SUMMARY, estimates(), estimates(4 * sqrt(2)))) for _ in range(30))
    assert wrong < 3
    assert seen == 30


def test_thinned_keeps_both_ends_and_compares_the_same_rows():
    whole = table(update=[float(i) for i in range(1000)])
    kept = thinned(whole, 5)
    assert kept == {"rows": 1000, "columns": {"update": [0.0, 249.0, 499.0, 749.0, 999.0]}}
    assert disagreements(SUMMARY, kept, whole) == []


def test_a_table_is_read_by_cells(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('name,x\n"a, b",1.5\nc,\nd,inf\n')
    assert read_numbers(path) == {"rows": 3, "columns": {"name": ["a, b", "c", "d"], "x": [1.5, "", "inf"]}}


def curves(returns, seeds=(0.0, 1.0, 2.0, 3.0)):
    return table(recipe=["gae"] * len(seeds), seed=list(seeds), mean_return=list(returns))


CURVES = "reports/tables/learning_curves.csv"


def test_single_trainings_are_held_to_their_mean_over_the_seeds():
    """±1 around 10: a standard error of 0.58. Another order is chance, 20 is not."""
    then = curves([9.0, 11.0, 9.0, 11.0])
    assert disagreements(CURVES, then, curves([11.0, 9.0, 11.0, 9.0])) == []
    assert disagreements(CURVES, then, curves([19.0, 21.0, 19.0, 21.0])) != []


def test_one_seed_alone_has_no_interval():
    assert disagreements(CURVES, curves([9.0], seeds=[0.0]), curves([9.5], seeds=[0.0])) != []


def test_a_column_of_which_nothing_can_be_said_is_left_alone():
    quality = "reports/tables/gradient_quality.csv"
    assert disagreements(quality, table(snr=[1.0], bias_z=[0.5]), table(snr=[1.3], bias_z=[-2.0])) == []
    assert disagreements(quality, table(batch_size=[4.0]), table(batch_size=[8.0])) != []


def test_an_open_interval_tells_by_its_end():
    """A limit of 16,000 less 3,200, half a 95 % interval, may be 14,000, and not 1,000; nor where no end is known."""

    def limit(steps, low, high):
        return table(usable_steps=[steps], usable_steps_low=[low], usable_steps_high=[high])

    crossings = "reports/tables/batch_crossings.csv"
    then = limit(16_000.0, 12_800.0, "inf")
    assert disagreements(crossings, then, limit(14_000.0, 10_800.0, "inf")) == []
    assert disagreements(crossings, then, limit(1_000.0, 200.0, "inf")) != []
    assert disagreements(crossings, limit(16_000.0, "", ""), limit(14_000.0, "", "")) != []


def test_a_table_as_long_as_a_solver_needed_is_left_alone():
    """Its rows, iterations, are no pairs then. Of other tables the rows are counted."""
    residuals = "reports/tables/fisher_residuals.csv"
    assert disagreements(residuals, table(residual=[1.0, 0.1]), table(residual=[1.0, 0.2, 0.1])) == []
    assert disagreements(SUMMARY, table(iqm=[1.0]), table(iqm=[1.0, 1.0])) == ["1 rows, now 2"]


def test_numbers_of_a_policy_that_training_made_otherwise_are_not_compared():
    """Rounding led its training elsewhere: its gradient is another one. Those of other policies are compared."""
    stages = {"environment": ["pole", "pole"], "policy": ["untrained", "trained"]}
    policies = [table(**stages, update=[0.0, 100.0], mean_return=[20.0, end]) for end in (197.4, 197.2)]
    others = other_policies(*policies)
    assert others == {("pole", "trained")}
    then = table(**stages, mean=[1.0, 1.0], standard_error=[0.05, 0.05])
    trained = table(**stages, mean=[1.0, 9.0], standard_error=[0.05, 0.05])
    untrained = table(**stages, mean=[9.0, 1.0], standard_error=[0.05, 0.05])
    assert disagreements(COMPONENTS, then, trained, others) == []
    assert disagreements(COMPONENTS, then, trained) != []
    assert disagreements(COMPONENTS, then, untrained, others) != []
