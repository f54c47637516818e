"""Learning curves, and the recipes that they compare."""

import numpy as np
import pandas as pd
import pytest

from pgpipe.lecture.variance_reduction.learning import compare_recipes, final_returns, learning_summary
from pgpipe.lecture.variance_reduction.performance import performance


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_learning_summary_counts_who_diverged():
    import pandas as pd

    rows = [
        ("cartpole", "fast", seed, update, 10 * update, float(seed)) for seed in range(4) for update in (0, 1)
    ]
    columns = ["environment", "recipe", "seed", "update", "env_steps", "mean_return"]
    curves = pd.DataFrame(rows, columns=columns)
    curves.loc[(curves["seed"] == 0) & (curves["update"] == 1), "mean_return"] = np.nan
    summary = learning_summary(curves, {"fast": "mean_baseline"}, 200, 0)
    assert list(summary["diverged"]) == [0, 1]
    assert list(summary["iqm"]) == [1.5, 1.5]  # the middle two of 0, 1, 2, 3
    assert list(summary["estimator"]) == ["mean_baseline"] * 2
    assert list(summary["seeds"]) == [4, 4]


def test_scores_over_all_environments():
    """Two environments; the best recipe's score is one, the untrained policy's zero, and one estimator is in one only."""
    levels = {
        ("a", "fast"): 10.0,
        ("a", "slow"): 5.0,
        ("b", "fast"): -1.0,
        ("b", "slow"): -2.0,
        ("b", "odd"): -2.5,
    }
    curves = pd.DataFrame(
        [(environment, f"{environment}_{name}", seed, update, (0.0 if environment == "a" else -3.0) if not update else level)
         for (environment, name), level in levels.items() for seed in range(4) for update in range(3)],
        columns=["environment", "recipe", "seed", "update", "mean_return"],
    )  # fmt: skip
    estimators = {f"{environment}_{name}": name for environment, name in levels}
    tables = performance(curves, estimators, 100, 0)
    scores = tables["learning_scores"].set_index("estimator")
    assert scores["iqm"].to_dict() == {"fast": 1.0, "slow": 0.5}
    assert scores["n"].to_dict() == {"fast": 8, "slow": 8}
    together = tables["learning_profiles"].query("environment == 'all'")
    assert set(together["recipe"]) == {"fast", "slow"}
    assert (together.query("recipe == 'slow' and threshold < 0.495")["share"] == 1).all()
    assert (together.query("recipe == 'slow' and threshold > 0.505")["share"] == 0).all()


def test_where_nothing_was_learned_nothing_is_scored():
    """In the second environment all end below the untrained policy: the worst would get the highest score."""
    ends = {
        "cartpole": {"good": 100.0, "bad": 50.0},
        "line": {"good": -110.0, "bad": -150.0},
        "grid": {"good": 2.0, "bad": 1.0},
    }
    untrained = {"cartpole": 0.0, "line": -100.0, "grid": 0.0}

    def scores(*environments):
        curves = pd.DataFrame(
            [(e, f"{e}_{name}", seed, update, end if update else untrained[e])
             for e in environments for name, end in ends[e].items() for seed in range(4) for update in (0, 1)],
            columns=["environment", "recipe", "seed", "update", "mean_return"],
        )  # fmt: skip
        estimators = {f"{e}_{name}": name for e in environments for name in ends[e]}
        return performance(curves, estimators, 100, 0)["learning_scores"].set_index("estimator")

    found = scores("cartpole", "line", "grid")
    assert found["iqm"].to_dict() == {"good": 1.0, "bad": 0.5}
    assert found["environments"].to_dict() == {"good": 2, "bad": 2}
    assert scores("line").empty


def test_recipes_are_compared_by_their_last_updates():
    """Two seeds each; the last tenth of 20 updates are the last two. One recipe's seed diverged at the end."""
    curves = pd.DataFrame(
        [("cartpole", recipe, seed, update, level + update * slope)
         for recipe, level, slope in (("rising", 0.0, 2.0), ("flat", 30.0, 0.0))
         for seed in (0, 1) for update in range(21)],
        columns=["environment", "recipe", "seed", "update", "mean_return"],
    )  # fmt: skip
    assert final_returns(curves)["final_return"].tolist() == [39.0, 39.0, 30.0, 30.0]
    table = compare_recipes(curves, 100, 0).set_index("recipe")
    assert table.loc["rising", "probability"] == 1
    assert table.loc["flat", "probability"] == 0
    curves.loc[
        (curves["recipe"] == "rising") & (curves["seed"] == 1) & (curves["update"] == 20), "mean_return"
    ] = np.nan
    assert compare_recipes(curves, 100, 0).set_index("recipe").loc["rising", "probability"] == 0.5
    alone = curves[curves["recipe"] == "flat"]
    assert compare_recipes(alone, 100, 0).empty
