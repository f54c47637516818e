"""The same gradient by the naive sum, by rows and by the pseudo-loss, and what each costs (E35, E37, P12)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from weakref import finalize

import torch
from torch import Tensor
from torch.func import grad, vmap
from torch.utils._pytree import tree_leaves

from pgpipe.estimators.pseudo_loss import gradient
from pgpipe.lecture.common.operations import OperationCount
from pgpipe.policies.policy import Policy
from pgpipe.trajectories import Trajectories

Way = Callable[[Policy, Tensor, Trajectories, Tensor], Tensor]


def by_a_loop(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> Tensor:
    """(1/N) Σ_i Σ_t Q̂_{i,t} ∇log π_θ(a_{i,t}|s_{i,t}), a backward pass for each sample.  -> (P,).  E35."""
    total = torch.zeros_like(theta)
    for obs, action, credit in _samples(batch, weights):
        live = theta.detach().requires_grad_()
        (score,) = torch.autograd.grad(policy.log_prob(live, obs[None], action[None]).sum(), live)
        total += credit * score
    return total / batch.n_trajectories


def by_rows(policy: Policy, theta: Tensor, batch: Trajectories, weights: Tensor) -> Tensor:
    """The same sum, all scores side by side first, by `torch.func`.  (S, P) -> (P,).  E35."""

    def log_prob(theta: Tensor, obs: Tensor, action: Tensor) -> Tensor:
        return policy.log_prob(theta, obs[None], action[None])[0]

    scores = vmap(grad(log_prob), in_dims=(None, 0, 0))
    rows = scores(theta.detach(), batch.obs[batch.mask], batch.actions[batch.mask])  # (S, P)
    return (weights[batch.mask][:, None] * rows).sum(0) / batch.n_trajectories


WAYS: Mapping[str, Way] = {"loop": by_a_loop, "rows": by_rows, "pseudo_loss": gradient}


class Cost(NamedTuple):
    """What a computation takes, counted: the same on every machine."""

    operations: int  # floating-point
    calls: int  # of torch's operations
    bytes_moved: int  # read and written by them
    bytes_held: int  # at the same time, at most, of what they made


class CostCount(OperationCount):
    """Counts, beside the operations, how often torch is called, and the bytes that this moves and holds.

    A call reads its inputs and writes its outputs, and what it makes is held until nobody needs it any more.
    Views are free.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls = self.bytes_moved = self.bytes_held = 0
        self._held: dict[int, int] = {}  # bytes by storage

    @property
    def cost(self) -> Cost:
        """So far."""
        return Cost(self.total, self.calls, self.bytes_moved, self.bytes_held)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run one operation and count it."""
        result = super().__torch_dispatch__(func, types, args, kwargs)
        if not func.is_view:
            inputs, outputs = list(_tensors((args, kwargs))), list(_tensors(result))
            self.calls += 1
            self.bytes_moved += sum(x.numel() * x.element_size() for x in inputs + outputs)
            known = {x.untyped_storage().data_ptr() for x in inputs}
            for storage in (x.untyped_storage() for x in outputs):
                if storage.data_ptr() not in known:  # else it was written in place
                    self._hold(storage)
        return result

    def _hold(self, storage: torch.UntypedStorage) -> None:
        key = storage.data_ptr()
        self._held[key] = storage.nbytes()
        self.bytes_held = max(self.bytes_held, sum(self._held.values()))
        finalize(storage, self._held.pop, key, None)


def count_cost(way: Way, *arguments: Any) -> tuple[Cost, Tensor]:
    """What the way costs on these arguments, and the gradient it gives."""
    with CostCount() as count:
        found = way(*arguments)
    return count.cost, found


def _samples(batch: Trajectories, weights: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Observation, action and weight of every step that happened, one by one."""
    return zip(batch.obs[batch.mask], batch.actions[batch.mask], weights[batch.mask], strict=True)


def _tensors(tree: Any) -> Iterator[Tensor]:
    return (leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor))
