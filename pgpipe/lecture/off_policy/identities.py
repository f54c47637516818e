"""Both sides of E22 to E34 on rollouts of one policy, asked about another."""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from pgpipe.dynamics.density import TrajectoryDensity
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import Ratios
from pgpipe.estimators.scores import batch_gradient, trajectory_estimates, trajectory_gradients
from pgpipe.estimators.spec import REWARD_TO_GO, WeighedEstimatorSpec
from pgpipe.lecture.common.identity_rows import Row, exact_row, identity_row, vanishing_row
from pgpipe.lecture.off_policy.problem import Problem
from pgpipe.trajectories import Trajectories

# Trajectories whose products are written out by hand, pair of steps by pair of steps.
FEW = 16
# State-action pairs that are differentiated one by one.
PAIRS = 200


def by_hand_rows(problem: Problem, target: Tensor, batch: Trajectories) -> list[Row]:
    """The forms against the lecture's products, written out step by step in probabilities (E27 to E31).

    Kind `exact`: alike but for rounding, in proportion to `scale`.
    """
    problem, target = replace(problem, theta=problem.theta.double()), target.double()
    batch = batch.first(
        min(FEW, batch.n_trajectories)
    ).in_double()  # products of many ratios leave little of single precision
    ratios = problem.ratios(target, batch)
    rho = ratios["log_ratios"].exp()  # (N, T), one on padding
    N, T = rho.shape
    r = batch.rewards * problem.gamma ** torch.arange(T, dtype=rho.dtype)  # γᵗ r_t
    three_products = (rho.prod(1) * r.sum(1))[:, None].expand(N, T)
    causal, iterated = torch.zeros_like(rho), torch.zeros_like(rho)
    for t in range(T):
        so_far, since = rho[:, : t + 1].prod(1), torch.ones_like(rho[:, t])
        for later in range(t, T):
            since = since * rho[:, later] if later > t else since
            causal[:, t] += so_far * since * r[:, later]
            iterated[:, t] += so_far * r[:, later]
    forms = {
        "E28": ("Π ρ times Σ r at every score", "total_return", "trajectory", three_products),
        "E29": (
            "ratios up to t at the score, from t+1 at the reward",
            "reward_to_go",
            "per_decision",
            causal,
        ),
        "E30": ("no ratios at the reward", "reward_to_go", "no_future", iterated),
    }
    rows = []
    for equation, (what, signal, form, weights) in forms.items():
        hand = trajectory_gradients(problem.policy, target, batch, weights * batch.mask)
        ours = _rows(problem, target, batch, signal, form, ratios)
        rows.append(exact_row(equation, f"{what}, by hand", ours, hand, hand))
    return [*rows, _same_policy(problem, batch), _pairs(problem, batch)]


def _same_policy(problem: Problem, batch: Trajectories) -> Row:
    """At θ' = θ the weighted gradient is the other one, to the last bit: nothing is allowed for rounding."""
    ratios = problem.ratios(problem.theta, batch)
    weighted = _rows(problem, problem.theta, batch, "total_return", "trajectory", ratios)
    plain = _rows(problem, problem.theta, batch, "total_return", "none", None)
    what = "E26 at θ' = θ and the on-policy gradient"
    return identity_row("E27", what, "exact", (weighted - plain).abs().max(), 0.0, 0.0, len(weighted))


def _pairs(problem: Problem, batch: Trajectories) -> Row:
    """The on-policy estimator against its sum over pairs (s, a), each differentiated by itself."""
    estimator = Estimator.from_spec(REWARD_TO_GO, problem.gamma)
    weights = estimator.weighted_advantages(batch)
    pairs = [getattr(batch, name)[batch.mask] for name in ("obs", "actions")]
    log_probs = problem.policy.log_prob(theta := problem.theta.clone().requires_grad_(), *pairs)
    terms = [torch.autograd.grad(p, theta, retain_graph=True)[0] for p in log_probs[:PAIRS]]
    kept = torch.zeros_like(batch.mask)
    kept[batch.mask] = torch.arange(len(log_probs)) < PAIRS
    summed = weights[batch.mask][:PAIRS] @ torch.stack(terms) / batch.n_trajectories
    ours = batch_gradient(problem.policy, problem.theta, batch, weights * kept)
    return exact_row("E31", f"a sum over {len(terms)} pairs (s, a), one by one", ours, summed, summed)


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
    joint = (ratios["log_state_ratios"] + ratios["log_ratios"]).exp()
    running = pool.mask.double()
    # d'_t sums to the share of θ' that still runs, which the whole product of ratios tells as well
    still = (ratios["log_ratios"].cumsum(-1) - ratios["log_ratios"]).exp() * running
    rows.append(
        vanishing_row(
            "E33", "state ratio × action ratio and the product of all ratios", joint * running - still
        )
    )
    return rows


def density_row(problem: Problem, target: Tensor, pool: Trajectories, dynamics: str) -> Row:
    """E25: the ratio of the whole densities, start and dynamics included, is the product of policy ratios."""
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
