"""The tables `causality_identities` and `causality_effects` of one environment."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pandas as pd
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.lecture.variance_reduction.causality import (
    constant_baseline_rows,
    constant_rows,
    discounted,
    per_step_scores,
    sum_rows,
    visit_rows,
)
from pgpipe.lecture.variance_reduction.causality_effects import (
    dropped_projections,
    effect_row,
    q_slopes,
    shift_changes,
)
from pgpipe.rollout import policy_for
from pgpipe.trajectories import Trajectories

SIDES = ["value", "reference", "scale", "n", "comparisons"]
IDENTITIES = ["environment", "policy", "equation", "what", "kind", *SIDES]
EFFECTS = ["environment", "policy", "quantity", "estimate", "standard_error", "largest", "n", "batch_size"]


class CausalitySpec(TypedDict):
    """E11 without a baseline and with a mean, and E18, by `none`, `mean` and `to_go`; the module knows ∇J."""

    environment: EnvironmentSpec
    group: dict[str, PlainEstimatorSpec]
    module: str


def study_causality(
    spec: CausalitySpec, policies: Mapping[str, Tensor], rollouts: dict[str, Tensor]
) -> dict[str, pd.DataFrame]:
    """Rows for every policy theta (P,), from its rollouts (R, N, T), by table."""
    identities, effects = [], []
    for policy, theta in sorted(policies.items()):
        batches = Trajectories.from_tensors(rollouts, f"{policy}.")
        place = {"environment": spec["environment"]["name"], "policy": policy}
        identities += [place | row for row in _identities(spec, theta, batches)]
        effects += [place | row for row in _effects(spec, theta, batches)]
    return {
        "causality_identities": pd.DataFrame(identities, columns=IDENTITIES),
        "causality_effects": pd.DataFrame(effects, columns=EFFECTS),
    }


def _identities(spec: CausalitySpec, theta: Tensor, batches: Trajectories) -> list[dict[str, Any]]:
    environment, gamma, oracle = (
        spec["environment"],
        spec["environment"]["gamma"],
        import_module(spec["module"]),
    )
    policy, batch = policy_for(environment), batches.joined()
    rows = sum_rows(policy, theta, batch, gamma, _estimator(spec, "none"), _estimator(spec, "to_go"))
    scores, returns = per_step_scores(policy, theta, batch).sum(1), discounted(batch, gamma).sum(1)
    rows += constant_baseline_rows(scores, returns, *oracle.exact(theta.numpy(), environment))
    if hasattr(oracle, "outcomes") and (listed := oracle.outcomes(theta.numpy(), environment)):
        rows += constant_rows(listed, scores, batch.returns)
    if hasattr(oracle, "exact_action_values"):
        rows += visit_rows(oracle.exact_action_values(theta.numpy(), environment), batch, gamma)
    return rows


def _effects(spec: CausalitySpec, theta: Tensor, batches: Trajectories) -> list[dict[str, Any]]:
    environment, gamma, oracle = (
        spec["environment"],
        spec["environment"]["gamma"],
        import_module(spec["module"]),
    )
    policy, each, n = policy_for(environment), batches.split(), batches.n_trajectories
    gradient = oracle.exact(theta.numpy(), environment)[1]
    rows = [
        effect_row("past", dropped_projections(policy, theta, each, gamma, gradient), n),
        effect_row("shift, no baseline", shift_changes(policy, theta, each, _estimator(spec, "none")), n),
        effect_row("shift, mean", shift_changes(policy, theta, each, _estimator(spec, "mean")), n),
    ]
    if hasattr(oracle, "exact_action_values"):
        Q = oracle.exact_action_values(theta.numpy(), environment)
        rows.append(effect_row("slope of Q̂", q_slopes(Q, each, gamma), n))
    return rows


def _estimator(spec: CausalitySpec, baseline: str) -> Estimator:
    return Estimator.from_spec(spec["group"][baseline], spec["environment"]["gamma"])
