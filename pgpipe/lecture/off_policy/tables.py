"""All tables of the off-policy study in one environment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NotRequired

import numpy as np
import pandas as pd
from torch import Tensor

from pgpipe.estimators.composed import Composed
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.facts import CORRECTED
from pgpipe.estimators.ratios import Ratios
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.lecture.common.placing import placed
from pgpipe.lecture.off_policy.data import Data, DatasetSpec
from pgpipe.lecture.off_policy.gradients import Compared, Row, estimates, named
from pgpipe.lecture.off_policy.identities import identity_rows
from pgpipe.lecture.off_policy.limits import limits_table
from pgpipe.lecture.off_policy.paths import paths_table
from pgpipe.lecture.off_policy.problem import Problem, Target, TargetsSpec, collected, split_ratios, targets
from pgpipe.lecture.off_policy.weights import weight_rows
from pgpipe.oracles.values import exact_value
from pgpipe.policies.spec import Stage
from pgpipe.seeding import stream
from pgpipe.statistics import resample_counts
from pgpipe.trajectories import Trajectories

# Up to this distance, in nats, the equations are checked, as far as the weights have a fourth moment: there
# they differ most and still have what a test of their squares needs.
CHECKED_AT = 0.1


class OffPolicySpec(TargetsSpec):
    """The stage that samples, the estimators, and the names of those the others are set beside, if there."""

    policy: Stage
    group: dict[str, EstimatorSpec]
    yardstick: str | None  # of the variance: the weighted return
    causal: str | None  # the same with past rewards dropped
    unbiased: str | None  # per-decision weights
    iterated: str | None  # no ratios after the score
    dynamics: str | None  # the module that knows them, where a trajectory has a density
    resamples: int
    dataset: NotRequired[DatasetSpec]  # whose episodes are the behaviour's


def study_off_policy(
    spec: OffPolicySpec, policies: Mapping[str, Tensor], dataset: dict[str, Tensor] | None = None
) -> dict[str, pd.DataFrame]:
    """The tables of an environment, by name, for rollouts of the stage of training that the spec names.

    Weights and gradients are those of a dataset's episodes where there is one.
    """
    return off_policy_tables(spec, policies[spec["policy"]], Data.from_tensors(dataset) if dataset else None)


def off_policy_tables(spec: OffPolicySpec, theta: Tensor, own: Data | None = None) -> dict[str, pd.DataFrame]:
    """The tables of an environment, by name, for rollouts of the behaviour theta (P,), or somebody's own.

    What somebody's episodes were sampled by is nothing that an oracle knows; targets, equations and what is
    exact are those of theta.
    """
    problem = Problem.from_spec(spec, theta)
    batches = collected(problem, ("off_policy", spec["policy"]), spec["replicates"], spec["batch_size"])
    pool = batches.joined()
    asked = list(targets(problem, spec, pool))
    if own is None:
        weights, gradients = weighted(spec, problem, asked, batches, problem.log_probs(pool))
    else:
        data = own.whole(spec["batch_size"])
        weights, gradients = weighted(spec, unknown(problem), asked, data.batches, data.log_probs)
    place = {"environment": spec["environment"]["name"], "policy": spec["policy"]}
    chosen = _checked(asked, [_fourth_moment(problem, target) for target in asked])
    identities = pd.DataFrame(identity_rows(problem, chosen, pool, spec["dynamics"]))
    return {
        "off_policy_weights": placed(weights, place),
        "off_policy_gradients": placed(gradients, place),
        "off_policy_identities": placed(identities, place),
        "off_policy_paths": paths_table(problem, place),
        "off_policy_limits": limits_table(problem, place),
    }


def unknown(problem: Problem) -> Problem:
    """The same seen from a behaviour of which no oracle knows more than its episodes."""
    return replace(problem, known=None)


def weighted(
    spec: OffPolicySpec, problem: Problem, asked: Sequence[Target], batches: Trajectories, old: Tensor
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Weights and gradients at the targets, from batches (R, N, T) whose actions had `old` log-probabilities.

    `old` are (R N, T).
    """
    pool, each = batches.joined(), batches.split()
    study = _Study(spec, problem, len(each))
    weights, gradients = [], []
    for target in asked:
        ratios = problem.ratios(target.theta, pool, old)
        weights.append(weight_rows(problem, target, ratios["log_ratios"]))
        gradients += study.rows(target, each, split_ratios(ratios, each), weights[-1].iloc[-1])
    return pd.concat(weights), pd.DataFrame(gradients)


def _fourth_moment(problem: Problem, target: Target) -> float:
    """Exact E[w⁴] of the weights of whole trajectories of θ; NaN where it is not known."""
    return float(problem.ask("weight_moments", target.theta, 4)[-1]) if problem.known else np.nan


def _checked(asked: Sequence[Target], fourth_moments: Sequence[float]) -> dict[str, Tensor]:
    """The target of each direction where the equations are checked: the farthest that may be."""
    nearest_first = sorted(zip(asked, fourth_moments, strict=True), key=lambda pair: pair[0].distance)
    chosen: dict[str, Tensor] = {}
    for target, moment in nearest_first:
        if target.direction not in chosen or (target.distance <= CHECKED_AT and moment != np.inf):
            chosen[target.direction] = target.theta
    return chosen


class _Study:
    """What all targets of an environment are compared with."""

    def __init__(self, spec: OffPolicySpec, problem: Problem, replicates: int) -> None:
        self.spec, self.problem, self.replicates = spec, problem, replicates
        self.size = (spec["replicates"], spec["batch_size"])  # of what is sampled where no gradient is exact
        rng = stream(spec["seed"], spec["environment"]["name"], "off_policy", "resamples")
        self.counts = resample_counts(replicates, spec["resamples"], rng)
        self.old = problem.gradient(problem.theta, ("off_policy", "own"), *self.size).numpy().mean(0)
        self.estimators = _estimators(spec, problem)

    def rows(
        self, target: Target, each: list[Trajectories], ratios: list[Ratios], last: pd.Series
    ) -> list[Row]:
        """Rows of `off_policy_gradients.csv` at one target.

        `last` says what the weights of whole trajectories are worth.
        """
        spec, problem, theta = self.spec, self.problem, target.theta
        words = ("off_policy", "reference", target.direction, f"{target.distance:g}")
        reference = problem.gradient(theta, words, *self.size).numpy()
        compared = Compared(reference, float(np.linalg.norm(self.old)), self.counts)
        expected = problem.ask("expectations", theta) if problem.known else {}
        found = estimates(problem, theta, each, ratios, self.estimators)
        place = {"direction": target.direction, "distance": target.distance, "kl": last["kl"]}
        rows = []
        for name, estimate in found.items():
            line = spec["group"][name]
            row = compared.row(estimate, _expectation(line, expected))
            yardstick, causal = (named(found, spec["yardstick"]), named(found, spec["causal"]))
            row |= compared.variance_ratio(estimate, yardstick).columns("variance_ratio")
            row |= compared.variance_ratio(estimate, causal).columns("truncation_ratio")
            row |= compared.gap(estimate, named(found, spec["unbiased"])).columns("gap")
            row |= compared.gap(estimate, named(found, spec["iterated"])).columns("past_gap")
            row["exact_past_gap"] = compared.apart(_expectation(line, expected), expected.get("no_future"))
            row |= {"replicates": self.replicates, "batch_size": self.size[1]} | _diagnostics(last, line)
            rows.append(place | {"estimator": name} | row)
        return rows


def _diagnostics(last: pd.Series, line: EstimatorSpec) -> Row:
    """What the weights of whole trajectories are worth here; a warning only if the form has such products."""
    names = ("effective_share", "exact_second_moment", "exact_fourth_moment")
    found = {f"trajectory_{name}": last[name] for name in names}
    product = Composed.from_line(line).importance.facts.product
    return found | {"warning": last["warning"] if product else ""}


def _expectation(line: EstimatorSpec, expected: Mapping[str, Any]) -> Any:
    """The exact expectation of an estimator's form, which the oracle knows of reward to go as it is.

    Weights that correct all there is make past rewards in the credit harmless; what weighs less does not.
    """
    made = Composed.from_line(line)
    plain = made.baseline.facts.source == "nothing" and not made.biases
    causal = not made.whole_trajectory or made.importance.facts.corrects == CORRECTED[-1]
    if made.signal.facts.lambda_return != 1 or not plain or not causal:
        return None
    return expected.get(line["importance"])


def _estimators(spec: OffPolicySpec, problem: Problem) -> dict[str, Estimator]:
    """Those of the spec's group; an exact value function is the behaviour's, as Q̂ is."""
    value = exact_value(spec["module"], problem.theta, spec["environment"]) if spec["module"] else None
    return {name: Estimator.from_spec(line, problem.gamma, value) for name, line in spec["group"].items()}
