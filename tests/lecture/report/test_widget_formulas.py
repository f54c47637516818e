"""What widgets compute by themselves is what the package computes, at ten random settings."""

import numpy as np
import pandas as pd
import pytest
import torch
from lecture.report.small_run import CASES, CLAIMS, tables
from samples import LINE

from pgpipe.config.files import read_config
from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.jobs.imports import ROOT
from pgpipe.lecture.config import Config
from pgpipe.lecture.report.embedded import ledger
from pgpipe.lecture.variance.three_samples import ReturnCurve, sample_gradient, three_cases, three_tables
from pgpipe.natural.step import step_to_bound
from pgpipe.oracles import line, line_off_policy
from pgpipe.oracles.line_field import find_optimum
from pgpipe.statistics import total_variances

SETTINGS = range(10)


@pytest.fixture(params=SETTINGS)
def rng(request):
    return np.random.default_rng(request.param)


def close(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def test_a_step_on_three_samples(computed, rng):
    mean, spread, rate, constant = rng.normal(), rng.uniform(0.3, 2), rng.uniform(0.05, 0.5), rng.normal(0, 3)
    x, returns = rng.normal(size=3), rng.normal(size=3) + constant
    theta = torch.tensor([mean, np.log(spread)], dtype=torch.float64)
    gradient = sample_gradient(theta, torch.from_numpy(x), torch.from_numpy(returns)).numpy()
    after = computed("add_a_constant", "step", x.tolist(), returns.tolist(), mean, spread, rate)
    assert computed("add_a_constant", "gradient", x.tolist(), returns.tolist(), mean, spread) == close(
        gradient.tolist()
    )
    assert after["mean"] == close(mean + rate * gradient[0])
    assert after["spread"] == close(spread * np.exp(rate * gradient[1]))


@pytest.mark.parametrize("seed", SETTINGS)
def test_the_three_cases_of_the_lecture(computed, seed):
    """F3, F4 and F5 as the tables have them."""
    curve, constant, rate = ReturnCurve(-1.0 - seed / 9, 1.0, 0.1, 0.8), 2.5 + seed, 0.1 + seed / 40
    tables = three_tables(0.2, 1.3, curve, constant, rate, seed)
    samples, steps = tables["three_samples"], tables["three_steps"].set_index("case")
    for case, _ in three_cases(curve, np.zeros(3), constant).items():
        own = samples[samples["case"] == case]
        after = computed("add_a_constant", "step", own["x"].tolist(), own["return"].tolist(), 0.2, 1.3, rate)
        assert [after["mean"], after["spread"]] == close(steps.loc[case, ["new_mean", "new_spread"]].tolist())
        for x, value, push in own[["x", "return", "push"]].to_numpy():
            assert computed("add_a_constant", "push", x, value, 0.2, 1.3, rate) == close(push)
    raw = samples[samples["case"] == "returns"]["return"]
    level = computed("add_a_constant", "levelled", raw.tolist())
    assert np.subtract(level, max(level)) == close(
        samples[samples["case"] == "good_at_zero"]["return"].to_numpy()
    )


def two_policies(rng):
    """(k, σ) of a behaviour and of a target near it, and a line for them."""
    old = [rng.uniform(-1.2, 0.1), rng.uniform(0.2, 1)]
    target = [old[0] + rng.normal(0, 0.1), old[1] * rng.uniform(0.7, 1.2)]
    kwargs = {
        "horizon": int(rng.integers(1, 30)),
        "start_std": rng.uniform(0, 1.5),
        "noise_std": rng.uniform(0, 0.3),
    }
    return np.array(old), np.array(target), {**LINE, "kwargs": kwargs}


def as_script(theta, environment):
    """What the widgets call a policy and a line."""
    kwargs = environment["kwargs"]
    names = {"horizon": kwargs["horizon"], "startStd": kwargs["start_std"], "noise": kwargs["noise_std"]}
    return {"k": theta[0], "sigma": theta[1]}, names


def test_weights_and_divergences_on_the_line(computed, rng):
    old, target, environment = two_policies(rng)
    (before, names), (after, _) = as_script(old, environment), as_script(target, environment)
    moments = line_off_policy.state_moments(old, environment)
    assert computed("importance_weights", "stateMoments", before, names) == close(moments.tolist())
    kls = computed("importance_weights", "divergences", before, after, names)
    assert kls[-1] == close(line_off_policy.kl(old, target, environment))
    for n in (2, 3):
        ours = np.array(computed("importance_weights", "weightMoments", before, after, names, n))
        theirs = line_off_policy.weight_moments(old, target, environment, n)
        assert ours == pytest.approx(theirs, rel=1e-9)


def test_a_second_moment_that_is_infinite_is_so_in_both(computed):
    """σ'² > 2σ²: from the first step; a finite one, then none: the gain moves toward zero."""
    environment: LinearEnvironmentSpec = {
        **LINE,
        "kwargs": {"horizon": 40, "start_std": 1.0, "noise_std": 0.0},
    }
    for target in ([-0.3, 0.8], [-0.15, 0.5]):
        old, new = np.array([-0.3, 0.5]), np.array(target)
        (before, names), (after, _) = as_script(old, environment), as_script(new, environment)
        ours = np.array(computed("importance_weights", "weightMoments", before, after, names))
        assert np.isinf(ours).any()
        assert ours == pytest.approx(line_off_policy.weight_moments(old, new, environment), rel=1e-9)


def line_of(rng):
    """A line and a policy, and the words that the script has for them."""
    kwargs = {
        "horizon": int(rng.integers(1, 40)),
        "start_std": rng.uniform(0, 1.5),
        "noise_std": rng.uniform(0, 1),
    }
    environment = {**LINE, "kwargs": kwargs, "gamma": rng.uniform(0.5, 1)}
    theta = np.array([rng.uniform(-1.6, 0.3), rng.uniform(0.05, 1)])
    policy, names = as_script(theta, environment)
    return environment, theta, policy, {**names, "gamma": environment["gamma"]}


def test_objective_gradient_and_fisher_of_the_line(computed, rng):
    environment, theta, policy, names = line_of(rng)
    J, gradient = line.exact(theta, environment)
    ours = computed("playground", "objective", policy, names)
    assert [ours["J"], *ours["gradient"]] == close([J, *gradient])
    assert computed("playground", "fisher", policy, names) == close(
        np.diag(line.fisher(theta, environment)).tolist()
    )


def test_the_best_policy_of_the_line(computed, rng):
    environment, _, _, names = line_of(rng)
    best = find_optimum(environment, [environment["kwargs"]["start_std"]]).iloc[0]
    ours = computed("playground", "best", names)
    assert ours["k"] == pytest.approx(best["k"], abs=1e-9)
    assert ours["J"] == pytest.approx(best["objective"], rel=1e-9)
    assert ours["unique"] == best["unique"]


def package_step(rule, size, theta, environment):
    """Δθ by the package: its gradient, its Fisher matrix, its search for a step within a bound."""
    gradient = line.exact(theta, environment)[1]
    F = line.fisher(theta, environment)
    natural = gradient / np.diagonal(F)

    def kl(change):
        return line_off_policy.kl(theta, theta + change, environment) / environment["kwargs"]["horizon"]

    return {
        "vanilla": size * gradient,
        "normalised": size * gradient / np.linalg.norm(gradient),
        "natural": size * natural,
        "bound": step_to_bound(size, natural, lambda d: F @ d, kl).change,
    }[rule]


@pytest.mark.parametrize("rule", ["vanilla", "normalised", "natural", "bound"])
def test_a_path_of_the_playground(computed, rng, rule):
    """Five steps; large ones too, so that the search within the bound has to go back."""
    environment, theta, policy, names = line_of(rng)
    size = rng.uniform(*{"vanilla": (1e-6, 1e-5), "bound": (0.01, 0.2)}.get(rule, (1e-3, 1e-2)))
    path = computed("playground", "path", rule, size, 5, policy, names)
    for step in path[1:]:
        theta = theta + package_step(rule, size, theta, environment)
        assert [step["k"], step["sigma"]] == pytest.approx(theta.tolist(), rel=1e-7, abs=1e-9)
        assert step["J"] == pytest.approx(line.exact(theta, environment)[0], rel=1e-7)
    assert len(path) == 6


def test_the_playground_starts_on_the_lecture_s_line(computed):
    config = read_config(Config, ROOT / "config.yaml").environments["line"]
    ours = computed("playground", "defaults")
    assert {name: ours[name] for name in ("k", "sigma")} == config.policy.model_dump(include={"k", "sigma"})
    assert [ours["horizon"], ours["startStd"], ours["noise"]] == [
        config.kwargs[name] for name in ("horizon", "start_std", "noise_std")
    ]
    assert ours["gamma"] == config.gamma


def rows_of(table):
    """A table as the page's script reads it: what is missing is null."""
    return [
        {key: None if value != value else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]


BEST = {"variance_ratio": 1, "snr": -1, "bias_z": None, "cosine": -1}


@pytest.mark.parametrize("metric", BEST)
def test_estimators_in_their_order(computed, rng, metric):
    table = tables()["gradient_quality"]
    place = {name: str(rng.choice(table[name].unique())) for name in ("environment", "policy")} | {
        "batch_size": int(rng.choice([4, 8]))
    }
    rows = computed("estimator_explorer", "chosen", rows_of(table), place)
    own = table[(table[list(place)] == pd.Series(place)).all(axis=1)]
    assert [row["estimator"] for row in rows] == own["estimator"].tolist()
    worth = own[metric].abs() if BEST[metric] is None else BEST[metric] * own[metric]
    ranked = computed("estimator_explorer", "ranked", rows, metric, "value", list(own["estimator"]))
    best = own.iloc[worth.to_numpy().argsort(kind="stable")]
    assert [row["value"] for row in ranked] == close(best[metric].tolist())
    if f"{metric}_low" in own:
        assert [row["low"] for row in ranked] == close(best[f"{metric}_low"].tolist())


def test_sides_of_a_limit(computed, rng):
    """Counted from the bounds; and between the two that are next to it the count stays as it is."""
    low = rng.normal(size=12)
    cases = pd.DataFrame({"low": low, "high": low + rng.exponential(size=12)})
    limit = rng.normal()
    count = computed("verdict_desk", "sides", rows_of(cases), limit)
    below, above = int((cases["high"] < limit).sum()), int((cases["low"] > limit).sum())
    assert count == {"below": below, "above": above, "across": 12 - below - above, "unknown": 0}
    a, b = computed("verdict_desk", "steady", rows_of(cases), limit)
    ends = np.sort(cases.to_numpy().ravel())
    place = np.searchsorted(ends, limit)
    assert [a, b] == [ends[place - 1] if place else -np.inf, ends[place] if place < len(ends) else np.inf]
    for other in (max(a, -9) + 1e-9, min(b, 9) - 1e-9):
        assert computed("verdict_desk", "sides", rows_of(cases), other) == count


def test_what_has_no_bounds_lies_on_no_side(computed):
    assert computed("verdict_desk", "sides", [{"low": None, "high": None}], 1.0)["unknown"] == 1


@pytest.mark.parametrize(
    ("rule", "numbers"),
    [
        ("Supported if it lies within -0.5 ± 0.05; refuted outside at 0.001.", [-0.55, -0.45]),
        ("Supported if above 50% in every policy; refuted if below 1,000 steps.", [0.5, 1000]),
        ("Supported if below 1; refuted if above 1 ± 0.5, or by chance at 0.0001.", [1, 0.5, 1.5]),
        ("Supported if all is well.", []),
    ],
)
def test_limits_that_a_rule_names(computed, rule, numbers):
    assert computed("verdict_desk", "limits", rule) == numbers


def test_the_desk_filters_and_sorts(computed):
    claims = rows_of(ledger(CLAIMS))
    everything = {"verdict": "", "section": "", "search": ""}

    def ids(**wanted):
        return [claim["id"] for claim in computed("verdict_desk", "filtered", claims, everything | wanted)]

    assert ids() == ["C1", "C8", "C20"]
    assert ids(verdict="refuted") == ["C8"]
    assert ids(section="practice") == ["C20"]
    assert ids(search="MEAN unbiased") == ["C1"]
    order = {
        key: [c["id"] for c in computed("verdict_desk", "sorted", claims, key, rows_of(CASES))]
        for key in ("order", "verdict", "seeds", "against")
    }
    assert order["order"] == ["C1", "C8", "C20"]
    assert order["verdict"] == ["C8", "C20", "C1"]
    assert order["against"][0] == "C8"


@pytest.mark.parametrize("many", [1, 2])
@pytest.mark.parametrize("size", [4, 8])
@pytest.mark.parametrize("estimator", ["total_return", "mean_baseline"])
def test_a_cloud_of_gradients(computed, estimator, size, many):
    """Its dots are those of the table, its spread that of `statistics`, its ellipse at two standard deviations."""
    table = tables()["gradient_samples"]
    where = {"environment": "line", "policy": "trained", "estimator": estimator, "size": size}
    found = computed("gradient_cloud", "cloud", rows_of(table), where)
    own = table[
        (table["policy"] == "trained") & (table["estimator"] == estimator) & (table["batch_size"] == size)
    ]
    values = own.pivot_table(index="batch", columns="parameter", values="value")[["k", "sigma"]].to_numpy()
    assert np.array(found["points"]) == close(values)
    assert found["truth"] == close(own["exact"].unique().tolist())
    means = values.reshape(-1, many, 2).mean(1)
    points = computed("gradient_cloud", "averaged", found["points"], many)
    assert np.array(points) == close(means)
    spread = computed("gradient_cloud", "spread", points)
    assert spread["variance"] == close(total_variances(means, np.ones((1, len(means))))[0])
    covariance = np.cov(means.T)
    assert np.array(spread["covariance"]) == close(covariance)
    away = np.array(computed("gradient_cloud", "ellipse", spread)) - means.mean(0)
    assert np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away) == pytest.approx(4, rel=1e-8)
    truth = own["exact"].unique()
    assert computed("gradient_cloud", "downhill", points, truth.tolist()) == int((means @ truth < 0).sum())


def test_sizes_of_a_cloud(computed):
    """40 batches of 4 and of 8: twice as many where 20 dots remain, by larger batches where both lead there."""
    found = computed("gradient_cloud", "sizes", rows_of(tables()["gradient_samples"]))
    assert [(n, pair["size"], pair["many"]) for n, pair in found] == [(4, 4, 1), (8, 8, 1), (16, 8, 2)]
