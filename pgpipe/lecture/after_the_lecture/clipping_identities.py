"""Both sides of E47 and E48 on rollouts: the surrogate's derivative, V-trace's recursion, exact means."""

from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pgpipe.estimators import scores
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.importance.none import none
from pgpipe.estimators.pseudo_loss import clipped_surrogate
from pgpipe.estimators.ratios import Ratios, log_probs
from pgpipe.estimators.signals.gae import gae
from pgpipe.lecture.after_the_lecture.clipping_samples import (
    ClippingSpec,
    exact_moments,
    sampled_rows,
    uphill,
)
from pgpipe.lecture.common.identity_rows import Row, exact_row, vanishing_row
from pgpipe.oracles.values import exact_value
from pgpipe.policies.policy import Policy
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories

STEP = (-0.1, 0.05)  # from θ to θ' on the line, so that some ratios pass either bound
WALKS = 200


def clipping_identities(spec: ClippingSpec, behaviour: Tensor, batch: Trajectories) -> pd.DataFrame:
    """Rows of `clipping_identities.csv`: on the bandit by chance, on the line to rounding."""
    rows = []
    for equation, form in (("E47", "clipped"), ("E48", "v_trace")):
        off = []
        for kl in spec["kls"]:
            target = uphill(behaviour, spec["environment"], kl)
            mean = torch.from_numpy(exact_moments(spec, form, behaviour, target).mean)
            off.append(sampled_rows(spec, form, behaviour, target, batch) - mean)
        what = "mean of the estimates minus the exact one, over all KLs"
        row = vanishing_row(equation, what, torch.cat(off, dim=-1))
        rows.append(row | {"environment": spec["environment"]["name"]})
    return pd.DataFrame([*rows, *_on_the_line(spec)])


def _on_the_line(spec: ClippingSpec) -> list[Row]:
    """On walks of several steps, with the exact V of the policy that sampled them."""
    line, policy = spec["line"], policy_for(spec["line"])
    theta = policy.initial(np.random.default_rng(0))
    target = theta + torch.tensor(STEP, dtype=theta.dtype)
    walks = next(sample_batches(line, theta, spec["seed"], ("clipping",), 1, WALKS)).joined()
    ratios = {"log_ratios": log_probs(policy, target, walks) - log_probs(policy, theta, walks)}
    value = exact_value("pgpipe.oracles.line", theta, line)
    clipped, v_trace = (
        Estimator.from_spec(spec["forms"][form], line["gamma"], value) for form in ("clipped", "v_trace")
    )
    rows = [
        _surrogate_row(policy, theta, target, walks, clipped, ratios),
        _recursion_row(walks, replace(v_trace, signal=gae, gae_lambda=1.0), ratios),
    ]
    return [row | {"environment": line["name"]} for row in rows]


def _surrogate_row(
    policy: Policy, theta: Tensor, target: Tensor, walks: Trajectories, clipped: Estimator, ratios: Ratios
) -> Row:
    """∇ of (1/N) Σ min(ρA, clip(ρ) A), by automatic differentiation, beside the estimate with weights."""
    advantages = replace(clipped, importance=none).weighted_advantages(walks)
    parameters = target.clone().requires_grad_()
    surrogate = clipped_surrogate(policy, parameters, theta, walks, advantages, clipped.clip)
    (derivative,) = torch.autograd.grad(surrogate, parameters)
    terms = scores.trajectory_estimates(policy, target, walks, clipped, ratios)
    what = "derivative of the surrogate minus the weighted scores"
    return exact_row("E47", what, derivative, terms.mean(0), terms)


def _recursion_row(walks: Trajectories, v_trace: Estimator, ratios: Ratios) -> Row:
    """γᵗ ρ̂_t (r_t + γ v_{t+1} - V(s_t)), v by the paper's recursion, beside the composed weights."""
    gamma, V = v_trace.gamma, v_trace.value(walks, v_trace.gamma).double()
    rewards = walks.rewards.double()
    cut = ratios["log_ratios"].exp().clamp(max=v_trace.truncation) * walks.mask
    expected, v_next = torch.zeros_like(rewards), V[:, -1]
    for t in reversed(range(rewards.shape[1])):
        expected[:, t] = gamma**t * cut[:, t] * (rewards[:, t] + gamma * v_next - V[:, t])
        # v_t = V_t + ρ̂_t (r_t + γ V_{t+1} - V_t) + γ ĉ_t (v_{t+1} - V_{t+1}), and ĉ = ρ̂ here
        delta = rewards[:, t] + gamma * V[:, t + 1] - V[:, t]
        v_next = V[:, t] + cut[:, t] * delta + gamma * cut[:, t] * (v_next - V[:, t + 1])
    found = v_trace.weighted_advantages(walks, ratios).double()
    return exact_row("E48", "what multiplies the scores minus V-trace's recursion", found, expected, expected)
