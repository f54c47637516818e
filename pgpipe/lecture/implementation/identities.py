"""Both sides of E35, E36 and E37 on real rollouts, in double precision.

What they are held against shares no code with them but the shapes: rewards to go written out, and torch's own
layers and losses, sample by sample.
"""

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
    naive = written_out(policy, theta, batch, environment["gamma"])
    rows = _naive(policy, theta, batch, weights, naive)
    rows += _likelihood(policy, theta, batch) + _pseudo_loss(policy, theta, batch, weights, naive)
    table = pd.DataFrame(rows, columns=["equation", "what", "kind", "difference"])
    return table.assign(environment=environment["name"], n=int(batch.mask.sum()))


def written_out(policy: Policy, theta: Tensor, batch: Trajectories, gamma: float) -> Tensor:
    """(1/N) Σ_i Σ_t ∇log π_θ(a_{i,t}|s_{i,t}) Σ_{t'≥t} γ^t' r_{i,t'}.  (P,), (N, T) -> (P,).  E35.

    A score is minus the gradient of torch's own loss of a single sample; the sums are loops.
    """
    total = torch.zeros_like(theta)
    for i, length in enumerate(batch.mask.sum(1).tolist()):
        rewards = batch.rewards[i, :length].tolist()
        for t in range(length):
            to_go = sum(gamma**later * rewards[later] for later in range(t, length))
            total += to_go * likelihood_gradient(policy, theta, _one_step(batch, i, t))
    return total / len(batch.mask)


def _one_step(batch: Trajectories, i: int, t: int) -> Trajectories:
    """Step t of trajectory i as a batch of its own."""
    steps = {
        name: getattr(batch, name)[i : i + 1, t : t + 1] for name in ("obs", "actions", "rewards", "mask")
    }
    ends = {name: value[i : i + 1] for name, value in batch.fields.items() if name not in steps}
    return Trajectories(**steps, **ends)


def _naive(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor, naive: Tensor) -> list[Row]:
    """E35: the sum over single samples, by a loop, all at once, and as a training steps along it."""
    ways = (("one by one", by_a_loop), ("as rows", by_rows), ("as trainings compute it", batch_gradient))
    return [
        ("E35", f"Σ of single gradients, {words}, against the sum written out", "rounding",
         _off(way(policy, theta, batch, weights), naive))
        for words, way in ways
    ]  # fmt: skip


def _likelihood(policy: Policy, theta: Tensor, batch: Trajectories) -> list[Row]:
    """E36: the gradient of the log-likelihood is that of torch's own loss, and its slope."""
    ones = torch.ones_like(batch.rewards)
    theirs = likelihood_gradient(policy, theta, batch)
    off = _off(gradient(policy, theta, batch, ones), theirs)
    row = ("E36", "gradient of the log-likelihood, against torch's own loss", "rounding", off)
    return [row, *_slope("E36", "log-likelihood", policy, theta, batch, ones, theirs)]


def _pseudo_loss(
    policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor, naive: Tensor
) -> list[Row]:
    """E37: one backward pass gives the naive sum, and Q̂ has no part in it even where it depends on θ."""
    live = theta.clone().requires_grad_()
    (through,) = torch.autograd.grad(
        pseudo_loss(policy, live, batch, weights * (1 + live.square().sum())), live
    )
    scaled = naive * (1 + theta.square().sum())
    off = _off(gradient(policy, theta, batch, weights), naive)
    return [
        ("E37", "derivative of J̃, against the naive sum written out", "rounding", off),
        *_slope("E37", "J̃", policy, theta, batch, weights, naive),
        ("E37", "derivative of J̃ where Q̂ depends on θ, against that sum", "rounding", _off(through, scaled)),
    ]


def _slope(
    equation: str, of: str, policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor, along: Tensor
) -> list[Row]:
    """What the slope of J̃ along a gradient, by two values of J̃, differs from the gradient's length by.

    No row where no reward was met: then there is no direction to go.
    """
    if not (length := along.norm()):
        return []
    ahead, behind = (
        pseudo_loss(policy, theta + sign * STEP * along / length, batch, weights) for sign in (1, -1)
    )
    off = abs(float((ahead - behind) / (2 * STEP) / length) - 1)
    return [(equation, f"slope of {of} along it, by finite differences", "quotient", off)]


def _off(value: Tensor, reference: Tensor) -> float:
    """‖value - reference‖ / ‖reference‖, or without the division where that is zero."""
    return float((value - reference).norm() / (reference.norm() or 1.0))
