"""Both sides of E22 to E34 on rollouts of one policy, asked about another."""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from pgpipe.dynamics.density import TrajectoryDensity
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import Ratios
from pgpipe.estimators.scores import estimate, trajectory_estimates
from pgpipe.estimators.spec import REWARD_TO_GO, WeighedEstimatorSpec
from pgpipe.lecture.common.identity_rows import Row, exact_row, identity_row, vanishing_row
from pgpipe.lecture.off_policy.by_hand import ByHand, derivative_of_weighted_returns
from pgpipe.lecture.off_policy.problem import Problem
from pgpipe.trajectories import Trajectories

# Trajectories whose products are written out by hand, pair of steps by pair of steps.
FEW = 16
# How the row begins whose two sides share all their code: it shows that nothing is left to rounding.
SAME_CODE = "E26's code and the on-policy one's"
# A cell of states that is visited in less than this share of the trajectories is left out of E33: the mean of
# few heavy products is not t-distributed.
LEAST_VISITS = 0.05
# Parts of equal visits into which states that are numbers are cut.
PARTS = 4
# States of which the ends of these parts are taken.
MOST = 100_000


def by_hand_rows(problem: Problem, target: Tensor, batch: Trajectories) -> list[Row]:
    """The forms against the lecture's products, written down from densities and derivatives of their own.

    Kind `exact`: alike but for rounding, in proportion to `scale`.
    """
    problem, target = replace(problem, theta=problem.theta.double()), target.double()
    batch = batch.first(min(FEW, batch.n_trajectories)).in_double()  # single precision leaves products little
    hand, ratios = ByHand.of(problem, target, batch), problem.ratios(target, batch)
    weights = ratios["log_ratios"].sum(-1).exp()
    found = (
        ("E26", "the derivative of w r, automatic", "total_return", "trajectory",
         derivative_of_weighted_returns(problem, target, batch)),
        ("E28", "Π ρ times Σ ∇log π' times Σ r", "total_return", "trajectory", hand.three_products()),
        ("E29", "ratios up to t at the score, from t+1 at the reward", "reward_to_go", "per_decision",
         hand.causal(rewards_weighted=True)),
        ("E30", "no ratios at the reward", "reward_to_go", "no_future", hand.causal(rewards_weighted=False)),
    )  # fmt: skip
    return [
        exact_row("E25", "the weight and a product of densities' ratios, by hand", weights, hand.weights(),
                  hand.weights()),
        *(
            exact_row(equation, f"{what}, by hand", _rows(problem, target, batch, signal, form, ratios), x, x)
            for equation, what, signal, form, x in found
        ),
        *_same_policy(problem, batch),
    ]  # fmt: skip


def _same_policy(problem: Problem, batch: Trajectories) -> list[Row]:
    """At θ' = θ: the weighted gradient and E31 against sums by hand, and against the unweighted one."""
    hand = ByHand.of(problem, problem.theta, batch)
    plain = hand.rewards.sum(1)[:, None] * hand.scores.sum(1)
    ratios = problem.ratios(problem.theta, batch)
    weighted = _rows(problem, problem.theta, batch, "total_return", "trajectory", ratios)
    unweighted = _rows(problem, problem.theta, batch, "total_return", "none", None)
    off = (weighted - unweighted).abs().max()
    pairs = hand.pairs(batch.mask)
    estimator = Estimator.from_spec(REWARD_TO_GO, problem.gamma)
    ours = estimate(problem.policy, problem.theta, batch, estimator)
    return [
        exact_row("E27", "E26 at θ' = θ and Σ ∇log π times Σ r, by hand", weighted, plain, plain),
        identity_row("E27", f"{SAME_CODE} at θ' = θ", "exact", off, 0.0, 0.0, len(weighted)),
        exact_row("E31", "the estimator and a sum over pairs (s, a), by hand", ours,
                  pairs.sum(0) / batch.n_trajectories, pairs),
    ]  # fmt: skip


def sampled_rows(problem: Problem, target: Tensor, pool: Trajectories, equation: str) -> list[Row]:
    """E22, for two functions f, and the J of E23 or E24: means under θ that are known under θ'."""
    log_weights = problem.ratios(target, pool)["log_ratios"].sum(-1)
    weights = log_weights.exp()
    J = problem.oracle.exact(target.numpy(), problem.environment)[0]
    earned = weights * pool.discounted_returns(problem.gamma)
    second, fourth = (float(problem.ask("weight_moments", target, n)[-1]) for n in (2, 4))
    rows = [
        vanishing_row("E22", "f = 1: mean of the weights", (weights - 1)[:, None]),
        vanishing_row(equation, "mean of w r against J(θ')", (earned - J)[:, None]),
    ]
    if isfinite(fourth):  # or the mean of squares has no error that a sample could tell
        rows.insert(
            1,
            vanishing_row(
                "E22", "f = w: mean of the squares against E_θ'[w]", (weights**2 - second)[:, None]
            ),
        )
    return rows


def form_rows(problem: Problem, target: Tensor, pool: Trajectories) -> list[Row]:
    """The mean of every form against its exact expectation (E26, E29, E30, E32 to E34)."""
    ratios = problem.ratios(target, pool)
    expected = {name: torch.from_numpy(x) for name, x in problem.ask("expectations", target).items()}
    found = [
        ("E26", "∇J(θ')", "total_return", "trajectory"),
        ("E29", "∇J(θ')", "reward_to_go", "per_decision"),
        ("E30", "Σ E_θ'[∇log π' Q^θ]", "reward_to_go", "no_future"),
        ("E32", "that of E30", "reward_to_go", "marginal"),
        ("E34", "Σ E_{s~θ, a~θ'}[∇log π' Q^θ]", "reward_to_go", "first_order"),
    ]
    rows = [
        vanishing_row(
            e, f"mean against {what}", _rows(problem, target, pool, signal, form, ratios) - expected[form]
        )
        for e, what, signal, form in found
    ]
    # with one step the product of all ratios is the action's own
    return [*rows, _state_ratio_row(pool, ratios)] if pool.mask.shape[1] > 1 else rows


def _state_ratio_row(pool: Trajectories, ratios: Ratios) -> Row:
    """E33: given state and action, the mean product of all ratios is state ratio × action ratio.

    By cells of states and actions: E[(Π_{k≤t} ρ_k - d'_t/d_t ρ_t) 1] = 0, summed over the steps t.
    """
    running = pool.mask.double()
    joint = (ratios["log_state_ratios"] + ratios["log_ratios"]).exp() * running
    product = ratios["log_ratios"].cumsum(-1).exp() * running
    cells = torch.stack([cell * running for cell in _cells(pool)], -1)  # (N, T, C)
    often = cells.amax(1).mean(0) >= LEAST_VISITS
    off = torch.einsum("nt,ntc->nc", product - joint, cells[..., often])
    return vanishing_row(
        "E33", "product of all ratios and state ratio × action ratio, by state and action", off
    )


def _cells(pool: Trajectories) -> list[Tensor]:
    """Indicators (N, T) of pairs of a state, or a part of all states, and an action, or a large one."""
    obs, actions = pool.obs.double(), pool.actions.double()
    if obs.shape[-1] > 1:  # one-hot
        states = [obs[..., i] for i in range(obs.shape[-1])]
    else:
        ends = torch.quantile(obs[pool.mask].abs().flatten()[:MOST], torch.linspace(0, 1, PARTS + 1).double())
        size = obs[..., 0].abs()
        parts = pairwise([*ends[:-1].tolist(), torch.inf])
        states = [((size >= low) & (size < high)).double() for low, high in parts]
    if actions.dim() > pool.mask.dim():
        moved = (actions[..., 0] * obs[..., 0] > 0).double()
        acting = [moved, 1 - moved]
    else:
        acting = [(actions == a).double() for a in actions[pool.mask].unique().tolist()]
    return [state * action for state in states for action in acting]


def density_row(problem: Problem, target: Tensor, pool: Trajectories, dynamics: str) -> Row:
    """E25: the ratio of whole densities, start and dynamics included; both sides share the policies' code."""
    known: Any = import_module(dynamics).dynamics_of(problem.environment)
    density, batch = TrajectoryDensity(problem.policy, known), pool.first(min(1_000, pool.n_trajectories))
    log_new, log_old = (density.log_prob(theta, batch) for theta in (target, problem.theta))
    ours = problem.ratios(target, batch)["log_ratios"].sum(-1)
    return exact_row("E25", "log p_θ'(τ)/p_θ(τ) and Σ log π_θ'/π_θ", ours, log_new - log_old, log_old)


def identity_rows(
    problem: Problem, chosen: Mapping[str, Tensor], batch: Trajectories, dynamics: str | None
) -> list[Row]:
    """Rows of `off_policy_identities.csv` at the targets that were chosen, one in each direction."""
    pool = batch
    uphill, *others = chosen.values()
    aside = others[0] if others else uphill
    rows = by_hand_rows(problem, aside, pool)
    if problem.known:
        rows += sampled_rows(problem, aside, pool, "E23") + sampled_rows(problem, uphill, pool, "E24")
        rows += form_rows(problem, aside, pool)
    if dynamics:
        rows.append(density_row(problem, aside, pool, dynamics))
    return rows


def _rows(
    problem: Problem, target: Tensor, batch: Trajectories, signal: str, form: str, ratios: Ratios | None
) -> Tensor:
    spec: WeighedEstimatorSpec = {
        "signal": signal,
        "baseline": "none",
        "score_discount": True,
        "importance": form,
    }
    estimator = Estimator.from_spec(spec, problem.gamma)
    return trajectory_estimates(problem.policy, target, batch, estimator, ratios).double()
