"""What becomes of a gradient before the optimiser's step: the natural direction, a step to a KL bound."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pgpipe.natural.conjugate_gradient import conjugate_gradient
from pgpipe.natural.fisher import fisher_of
from pgpipe.natural.step import step_to_bound
from pgpipe.policies.policy import Policy
from pgpipe.recording import Batch
from pgpipe.training.spec import RecipeSpec


class Direction:
    """ĝ, or (F + λI)⁻¹ ĝ by conjugate gradient, and with a KL bound the whole step Δθ along it.

    F and KL are those per step, over the states of the agent's own batch, undiscounted.  E40, E41, E42.
    `stopped` counts why solvers and line searches came to an end.
    """

    def __init__(self, policy: Policy, spec: RecipeSpec) -> None:
        self.policy = policy
        self.solver = spec["conjugate_gradient"] if spec["estimator"].get("direction") == "natural" else None
        self.bound = spec.get("kl")
        self.stopped: Counter[str] = Counter()

    def __call__(self, theta: Tensor, gradient: Tensor, batches: Sequence[Batch]) -> Tensor:
        """For every agent by itself.  theta (A, P), gradient (A, P) -> (A, P)."""
        if self.solver is None and self.bound is None:
            return gradient
        agents = zip(theta, gradient, batches, strict=True)
        steps = [self._of_one(row, g.numpy(), batch) for row, g, batch in agents]
        return torch.as_tensor(np.stack(steps), dtype=theta.dtype)

    def _of_one(self, theta: Tensor, gradient: np.ndarray, batch: Batch) -> np.ndarray:
        obs = batch.trajectories.obs[batch.trajectories.mask]
        fisher = fisher_of(self.policy, theta, obs)
        direction = gradient.astype(np.float64)
        if self.solver and np.isfinite(direction).all():
            solution = conjugate_gradient(fisher, direction, **self.solver)
            direction = solution.x
            self.stopped[f"conjugate gradient: {solution.stopped}"] += 1
        if self.bound is None:
            return direction

        def kl(step: np.ndarray) -> float:
            return fisher.kl(theta + torch.as_tensor(step, dtype=theta.dtype))

        step = step_to_bound(self.bound, direction, fisher, kl)
        self.stopped[f"step to the KL bound: {step.stopped}"] += 1
        return step.change
