"""Verdicts come from what was measured: with a wrong sign in an estimator they change."""

import importlib

import pandas as pd
import pytest
import torch
from laws.test_variances import bandit_with
from samples import COIN, LINE, estimator_spec, sample

from pgpipe.estimators.composed import Composed
from pgpipe.lecture.direct_differentiation import claims as direct_differentiation
from pgpipe.lecture.gradients.certificate import list_estimators
from pgpipe.lecture.gradients.comparison import GradientsSpec, compare_gradients
from pgpipe.lecture.gradients.estimates import estimate_batches
from pgpipe.lecture.variance_reduction.claims import causality, own_mean
from pgpipe.oracles import bandit, coin, line

LINES = {
    "total_return": estimator_spec("total_return", "none"),
    "return_mean": estimator_spec("total_return", "mean"),
    "return_batch_mean": estimator_spec("total_return", "batch_mean"),
    "reward_to_go": estimator_spec("reward_to_go", "none"),
}
R, N = 3_000, 8  # C4 weighs three problems equally: their mean projection in ± 0.03


@pytest.fixture(scope="module")
def rollouts():
    """Batches of two problems, with the exact gradient of each."""
    made = {}
    problems = ((bandit, bandit_with(1.5), [2.5, 1.0]), (line, LINE, [-0.4, 0.7]), (coin, COIN, [0.0, 0.4]))
    for oracle, spec, theta in problems:
        theta = torch.tensor(theta, dtype=torch.float64)
        J, gradient = oracle.exact(theta.numpy(), spec)
        made[spec["name"]] = (spec, theta, sample(spec, theta.expand(R, -1), N), J, gradient)
    return made


def verdicts(rollouts):
    """Run the study's tables and the claims on the same rollouts, with the package as it now is."""
    found = []
    for spec, theta, batches, J, gradient in rollouts.values():
        measured = estimate_batches({"environment": spec, "group": LINES, "module": None}, theta, batches)
        estimates = {f"{estimator}.untrained.{N}": rows for estimator, rows in measured.items()}
        reference = {
            "untrained.returns": torch.tensor([J]),
            "untrained.gradients": torch.from_numpy(gradient)[None],
        }
        study: GradientsSpec = {
            "seed": 0,
            "environment": spec,
            "estimators": list(LINES),
            "yardstick": "total_return",
            "batch_sizes": [N],
            "resamples": 200,
        }
        found.append(compare_gradients(study, pd.DataFrame({"policy": ["untrained"]}), reference, estimates))
    quality, components, projection = (
        pd.concat([tables[f"gradient_{kind}"] for tables in found])
        for kind in ("quality", "components", "projection")
    )
    known = {name: {**line, **Composed.from_line(line).columns()} for name, line in LINES.items()}
    parts = list_estimators({"estimators": known})
    checks = {
        "E11": direct_differentiation.e11(components, parts),
        "E18": causality.e18(components, parts),
        "E19": own_mean.e19(components, parts),
    }
    claims = {
        "C4": direct_differentiation.c4(components, projection, parts),
        "C8": causality.c8(quality[quality["environment"] == "line"], projection, UNKNOWN, parts),
        "C9": own_mean.c9(components, projection, parts),
    }
    passed = {id: all(check.passed for check in found) for id, found in checks.items()}
    return passed | {id: claim.verdict for id, claim in claims.items()}


# No environment of these whose trajectories are listed.
UNKNOWN = pd.DataFrame(columns=["environment", "policy", "estimator", "batch_size", "variance"])

RIGHT = {"E11": True, "E18": True, "E19": True, "C4": "supported", "C8": "supported", "C9": "supported"}


def test_the_right_estimators_are_found_right(rollouts):
    assert verdicts(rollouts) == RIGHT


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("signals.total_return", {"E11": False, "E19": False, "C4": "refuted", "C9": "refuted"}),
        ("signals.reward_to_go", {"E18": False, "C8": "refuted"}),
    ],
)
def test_a_wrong_sign_changes_the_verdicts(rollouts, monkeypatch, part, changed):
    name = part.partition(".")[2]
    module = importlib.import_module(f"pgpipe.estimators.{part}")
    right = getattr(module, name)
    monkeypatch.setattr(module, name, lambda trajectories, gamma: -right(trajectories, gamma))
    assert verdicts(rollouts) == RIGHT | changed


def test_a_baseline_that_is_added_changes_the_verdict(rollouts, monkeypatch):
    """Still unbiased, so its mean stays; but then it takes nothing of the own trajectory's away."""
    module = importlib.import_module("pgpipe.estimators.baselines.batch_mean")
    right = module.batch_mean
    monkeypatch.setattr(module, "batch_mean", lambda credit, mask: -right(credit, mask))
    assert verdicts(rollouts)["C9"] == "refuted"


@pytest.mark.parametrize(("off", "passed"), [(0.0, True), (4.0, False), (20.0, False)])
def test_checks_see_one_component_that_is_off(study, off, passed):
    """Also the component that never varies: it has to be right as it is."""
    components, _, estimators = study(off=off)
    for checks in (
        direct_differentiation.e11(components, estimators),
        causality.e18(components, estimators),
        own_mean.e19(components, estimators),
    ):
        assert checks
        assert all(check.passed for check in checks) == passed


def test_without_the_estimators_nothing_is_decided(study):
    """A config that drops them: no row, no verdict, no crash."""
    components, projections, estimators = study()
    nobody = estimators[estimators["estimator"] == "to_go"]
    for claim, missing in (
        (
            own_mean.c9(components, projections, nobody),
            "the config lacks total_return with baseline mean or batch_mean",
        ),
        (
            direct_differentiation.c4(components, projections, nobody),
            "the config has no estimator of total_return without a baseline",
        ),
    ):
        assert claim.verdict == "undecided"
        assert claim.because.startswith(f"undecided: {missing}")
    assert direct_differentiation.e11(components, nobody) == []
