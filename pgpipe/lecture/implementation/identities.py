"""Both sides of E35, E36 and E37 on real rollouts, in double precision."""

from collections.abc import Mapping

import pandas as pd
import torch
from torch import Tensor

from pgpipe.envs.spec import SampledSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.pseudo_loss import gradient, pseudo_loss
from pgpipe.estimators.scores import batch_gradient
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.lecture.common.maximum_likelihood import likelihood_gradient
from pgpipe.lecture.implementation.gradient_ways import by_a_loop, by_rows
from pgpipe.policies.policy import Policy
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories

# Half the distance of the two values of a difference quotient, whose own error goes with its square.
STEP = 1e-5

Row = tuple[str, str, str, float]


class ImplementationSpec(SampledSpec):
    """What weighs the scores, and how many episodes they are taken from."""

    estimator: PlainEstimatorSpec
    episodes: int


def check_implementation(spec: ImplementationSpec, policies: Mapping[str, Tensor]) -> pd.DataFrame:
    """Both sides of E35 to E37 in one environment, in the middle of its training, where ∇J is not zero."""
    return implementation_identities(spec, policies.get("half_trained", policies["untrained"]))


def implementation_identities(spec: ImplementationSpec, theta: Tensor) -> pd.DataFrame:
    """Rows of `implementation_identities.csv`: what each equation's sides differ by, at theta (P,).

    `kind` says what may be between them: rounding, or the error of a difference quotient.
    """
    environment = spec["environment"]
    policy = policy_for(environment)
    (sample,) = sample_batches(environment, theta, spec["seed"], ("implementation",), 1, spec["episodes"])
    batch, theta = sample.split()[0].in_double(), theta.double()
    weights = Estimator.from_spec(spec["estimator"], environment["gamma"]).weighted_advantages(batch)
    rows = _naive(policy, theta, batch, weights)
    rows += _likelihood(policy, theta, batch) + _pseudo_loss(policy, theta, batch, weights)
    table = pd.DataFrame(rows, columns=["equation", "what", "kind", "difference"])
    return table.assign(environment=environment["name"], n=int(batch.mask.sum()))


def _naive(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> list[Row]:
    """E35: the sum over single samples, by a loop and all at once, is what a training steps along."""
    trained = batch_gradient(policy, theta, batch, weights)
    return [
        (
            "E35",
            f"Σ of single gradients, {words}",
            "rounding",
            _off(way(policy, theta, batch, weights), trained),
        )
        for words, way in (("one by one", by_a_loop), ("as rows", by_rows))
    ]


def _likelihood(policy: Policy, theta: Tensor, batch: Trajectories) -> list[Row]:
    """E36: the gradient of the log-likelihood is that of torch's own loss, and its slope."""
    ones = torch.ones_like(batch.rewards)
    theirs = likelihood_gradient(policy, theta, batch)
    off = _off(gradient(policy, theta, batch, ones), theirs)
    return [
        ("E36", "gradient of the log-likelihood, against torch's own loss", "rounding", off),
        (
            "E36",
            "slope of the log-likelihood along it",
            "quotient",
            _slope(policy, theta, batch, ones, theirs),
        ),
    ]


def _pseudo_loss(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> list[Row]:
    """E37: one backward pass gives the naive sum, and Q̂ has no part in it even where it depends on θ."""
    naive = by_a_loop(policy, theta, batch, weights)
    live = theta.clone().requires_grad_()
    grown = weights * (1 + live.square().sum())
    (through,) = torch.autograd.grad(pseudo_loss(policy, live, batch, grown), live)
    constant = gradient(policy, theta, batch, grown)
    return [
        ("E37", "derivative of J̃", "rounding", _off(gradient(policy, theta, batch, weights), naive)),
        ("E37", "slope of J̃ along it", "quotient", _slope(policy, theta, batch, weights, naive)),
        ("E37", "derivative of J̃ where Q̂ depends on θ", "rounding", _off(through, constant)),
    ]


def _slope(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor, along: Tensor) -> float:
    """What the slope of J̃ along a gradient, by two values of J̃, differs from the gradient's length by."""
    length = along.norm()
    if not length:
        return 0.0  # no reward, no gradient, no direction to go
    ahead, behind = (
        pseudo_loss(policy, theta + sign * STEP * along / length, batch, weights) for sign in (1, -1)
    )
    return abs(float((ahead - behind) / (2 * STEP) / length) - 1)


def _off(value: Tensor, reference: Tensor) -> float:
    """‖value - reference‖ / ‖reference‖, or without the division where that is zero."""
    return float((value - reference).norm() / (reference.norm() or 1.0))
