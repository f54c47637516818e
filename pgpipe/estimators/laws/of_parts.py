"""Laws of single parts: what a signal or a baseline says of itself is what it does."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from pgpipe.estimators.laws.case import Case, difference
from pgpipe.estimators.parts import Part


def a_mean_of_equal_credits_is_that_credit(case: Case) -> str:
    """A baseline that says it is a mean is 1 where every credit is 1."""
    if case.estimator.per_parameter:
        scores = torch.linspace(1, 2, 12, dtype=torch.float64).reshape(6, 2)
        found = case.estimator.baseline(rows=scores, scores=scores).expand(6, 2)
        return difference(found, torch.ones_like(found), "of equal credits")
    mask, signal = case.batch.mask, case.estimator.signal
    mask = mask[:, : _asked(signal, _known(case)).shape[-1]]
    credit = torch.ones(mask.shape, dtype=torch.float64)
    found = _asked(case.estimator.baseline, _known(case) | {"credit": credit, "mask": mask})
    # the mean of a step is that of the others which are still running, if there are any
    counted = mask & (mask.sum(0) > 1)
    found = found.expand(mask.shape)[counted]
    return difference(found, torch.ones_like(found), "of equal credits")


def credits_are_as_many_as_said(case: Case) -> str:
    """A signal for the whole trajectory is one number, any other a number for each step."""
    whole = case.composed.whole_trajectory
    found = _asked(case.estimator.signal, _known(case)).shape
    n, T = case.batch.mask.shape
    expected = (n, 1 if whole else T)
    return "" if tuple(found) == expected else f"credits are {tuple(found)}, not {expected}"


def a_lambda_return_is_one(case: Case) -> str:
    """A signal that says it is a λ-return is Σ_{k≥t} (γλ)^{k-t} (r_k + γ (1-λ) V_{k+1}), V_T = 0."""
    said, gamma = case.composed.signal.facts.lambda_return, case.estimator.gamma
    factor = case.estimator.gae_lambda if isinstance(said, str) else float(said or 0)
    known = _known(case)
    known["values"] = known["values"] * torch.nn.functional.pad(case.batch.mask, (0, 1))
    steps = case.batch.rewards + gamma * (1 - factor) * known["values"][:, 1:]
    T = steps.shape[1]
    tails = [sum((gamma * factor) ** (k - t) * steps[:, k] for k in range(t, T)) for t in range(T)]
    written = torch.stack([torch.as_tensor(tail) for tail in tails], 1)
    found = _asked(case.estimator.signal, known)
    return difference(found, written[:, : found.shape[-1]], "beside what it says of λ")


def _known(case: Case) -> dict[str, Any]:
    """What parts may ask for, with values that are anything but zero after the end."""
    n, T = case.batch.mask.shape
    values = torch.linspace(-1, 2, n * (T + 1), dtype=torch.float64).reshape(n, T + 1)
    return {
        "trajectories": case.batch,
        "gamma": case.estimator.gamma,
        "gae_lambda": case.estimator.gae_lambda,
        "values": values * case.batch.has_value,
        "future": None,
        "group": case.batch.group,
    }


def _asked(part: Callable[..., Any], known: dict[str, Any]) -> Tensor:
    found: Tensor = part(**{name: known[name] for name in Part.of(part).asks})
    return found
