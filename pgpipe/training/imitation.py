"""Supervised learning beside REINFORCE: the same network learns to predict what a trained policy does."""

from collections.abc import Sequence

from torch import Tensor

from pgpipe.estimators.scores import batch_gradient, gradient_elsewhere
from pgpipe.policies.policy import Policy
from pgpipe.recording import Batch
from pgpipe.training.loop import Training
from pgpipe.training.spec import TrainingSpec
from pgpipe.trajectories import Trajectories


class Imitation(Training):
    """A training whose batches a teacher acts in, and whose gradient is that of maximum likelihood.

        ĝ = (1/N) Σ_i Σ_t ∇log π_θ(a_{i,t}|s_{i,t}),  s, a from the teacher's rollouts.  Lecture E36

    Network, start, batch size, optimiser and evaluation are those of REINFORCE; every batch is a new one.
    The teacher is one for all agents, (P,), or a row for each, (A, P).
    """

    def __init__(self, spec: TrainingSpec, agents: Sequence[int], teacher: Tensor) -> None:
        super().__init__(spec, agents)
        self.teacher = teacher.to(self.theta.dtype).expand_as(self.theta).contiguous()

    def gradient(self, row: int, batch: Batch) -> Tensor:
        """ĝ of the agent in this row, (P,), at the agent's own θ."""
        ones = batch.trajectories.mask.to(batch.trajectories.rewards.dtype)
        return gradient_elsewhere(self.policy, self.theta[row], batch, ones)

    def gradient_again(self, row: int, batch: Batch, old: Tensor) -> Tensor:
        """The same, on a batch that is used again: labels are never out of date."""
        return self.gradient(row, batch)

    def _acting(self) -> tuple[Tensor, str]:
        """The teacher's."""
        return self.teacher, "imitate"


def likelihood_gradient(policy: Policy, theta: Tensor, batch: Trajectories) -> Tensor:
    """(1/N) Σ_i Σ_t ∇log π_θ(a_{i,t}|s_{i,t}), whoever acted.  theta (P,), batch (N, T) -> (P,).  E36."""
    return batch_gradient(policy, theta, batch, batch.mask.to(batch.rewards.dtype))
