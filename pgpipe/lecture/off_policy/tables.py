"""All tables of the off-policy study in one environment."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from pgpipe.estimators.composed import Composed
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.facts import CORRECTED
from pgpipe.estimators.ratios import Ratios
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.lecture.common.placing import placed
from pgpipe.lecture.off_policy.gradients import Compared, Row, estimates, named, step_row, steps_table
from pgpipe.lecture.off_policy.identities import identity_rows
from pgpipe.lecture.off_policy.problem import Problem, Target, TargetsSpec, collected, split_ratios, targets
from pgpipe.lecture.off_policy.weights import weight_rows
from pgpipe.oracles.values import exact_value
from pgpipe.policies.spec import Stage
from pgpipe.seeding import stream
from pgpipe.statistics import cosines, resample_counts
from pgpipe.trajectories import Trajectories

# The distance at which the equations are checked: the nearest to this one, in nats. Weights differ there, and
# still have the moments that a test of their mean needs.
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


def study_off_policy(spec: OffPolicySpec, policies: Mapping[str, Tensor]) -> dict[str, pd.DataFrame]:
    """The tables of an environment, by name, for rollouts of the stage of training that the spec names."""
    return off_policy_tables(spec, policies[spec["policy"]])


def off_policy_tables(spec: OffPolicySpec, theta: Tensor) -> dict[str, pd.DataFrame]:
    """The tables of an environment, by name, for rollouts of the behaviour theta (P,)."""
    problem = Problem.from_spec(spec, theta)
    batches = collected(problem, ("off_policy", spec["policy"]), spec["replicates"], spec["batch_size"])
    pool, each = batches.joined(), batches.split()
    asked = list(targets(problem, spec, pool))
    study, old = _Study(spec, problem), problem.log_probs(pool)
    weights, gradients, steps = [], [], []
    for target in asked:
        ratios = problem.ratios(target.theta, pool, old)
        weights.append(weight_rows(problem, target, ratios["log_ratios"]))
        nearest = min((t for t in asked if t.direction == target.direction), key=lambda t: t.distance)
        rows, step = study.rows(target, nearest, each, split_ratios(ratios, each), weights[-1].iloc[-1])
        gradients += rows
        steps += step
    place = {"environment": spec["environment"]["name"], "policy": spec["policy"]}
    checked = min(spec["distances"], key=lambda d: abs(np.log(d / CHECKED_AT)))
    chosen = {t.direction: t.theta for t in asked if t.distance == checked}
    identities = pd.DataFrame(identity_rows(problem, chosen, pool, spec["dynamics"]))
    return {
        "off_policy_weights": placed(pd.concat(weights), place),
        "off_policy_gradients": placed(pd.DataFrame(gradients), place),
        "off_policy_identities": placed(identities, place),
        "off_policy_steps": steps_table([place | row for row in steps]),
    }


class _Study:
    """What all targets of an environment are compared with."""

    def __init__(self, spec: OffPolicySpec, problem: Problem) -> None:
        self.spec, self.problem = spec, problem
        self.size = (spec["replicates"], spec["batch_size"])
        rng = stream(spec["seed"], spec["environment"]["name"], "off_policy", "resamples")
        self.counts = resample_counts(spec["replicates"], spec["resamples"], rng)
        self.old = problem.gradient(problem.theta, ("off_policy", "own"), *self.size).numpy().mean(0)
        self.estimators = _estimators(spec, problem)

    def rows(
        self, target: Target, nearest: Target, each: list[Trajectories], ratios: list[Ratios], last: pd.Series
    ) -> tuple[list[Row], list[Row]]:
        """Rows of `off_policy_gradients.csv` and of `off_policy_steps.csv` at one target.

        `last` says what the weights of whole trajectories are worth; a step is as long as the way from θ to
        the `nearest` target.
        """
        spec, problem, theta = self.spec, self.problem, target.theta
        words = ("off_policy", "reference", target.direction, f"{target.distance:g}")
        reference = problem.gradient(theta, words, *self.size).numpy()
        compared = Compared(reference, float(np.linalg.norm(self.old)), self.counts)
        expected = problem.ask("expectations", theta) if problem.known else {}
        found = estimates(problem, theta, each, ratios, self.estimators)
        place = {"direction": target.direction, "distance": target.distance, "kl": last["kl"]}
        rows, steps = [], []
        for name, estimate in found.items():
            line = spec["group"][name]
            row = compared.row(estimate, _expectation(line, expected))
            yardstick, causal = (named(found, spec["yardstick"]), named(found, spec["causal"]))
            row |= compared.variance_ratio(estimate, yardstick).columns("variance_ratio")
            row |= compared.variance_ratio(estimate, causal).columns("truncation_ratio")
            row |= compared.gap(estimate, named(found, spec["unbiased"])).columns("gap")
            row |= compared.gap(estimate, named(found, spec["iterated"])).columns("past_gap")
            row["exact_past_gap"] = compared.apart(_expectation(line, expected), expected.get("no_future"))
            row |= {"replicates": self.size[0], "batch_size": self.size[1]} | _diagnostics(last, line)
            rows.append(place | {"estimator": name} | row)
            if name == spec["iterated"] and expected:
                length = float((nearest.theta - problem.theta).norm())
                step = step_row(problem, target, estimate, expected["no_future"], length)
                step["cosine_new"] = row["exact_cosine"]
                step["cosine_old"] = float(cosines(expected["no_future"], self.old))
                steps.append(place | step)
        return rows, steps


def _diagnostics(last: pd.Series, line: EstimatorSpec) -> Row:
    """What the products of all ratios say of a form that multiplies them; nothing of one that does not."""
    names = ("effective_share", "exact_second_moment", "exact_fourth_moment", "warning")
    found = {name: last[name] for name in names}
    return found if Composed.from_line(line).importance.facts.product else found | {"warning": ""}


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
