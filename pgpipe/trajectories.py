"""The container that everything passes: a batch of episodes, padded to the longest one."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import torch
from torch import Tensor

STEPS = ("obs", "actions", "rewards")  # the fields with a value for every step
TIMED = (*STEPS, "mask")  # the fields with a time axis


@dataclass(frozen=True)
class Trajectories:
    """N episodes of at most T steps, with any leading axes (agents, or replicates of a study).

    | field      | shape            | meaning                                                        |
    |------------|------------------|----------------------------------------------------------------|
    | obs        | (..., N, T, D)   | observation s_t in which action a_t was taken                  |
    | actions    | (..., N, T, [E]) | action a_t: integers, or vectors of E numbers                  |
    | rewards    | (..., N, T)      | reward r_t = r(s_t, a_t)                                       |
    | mask       | (..., N, T)      | true where the step happened                                   |
    | terminated | (..., N)         | the episode ended in a state whose value is zero               |
    | truncated  | (..., N)         | a time limit cut it off: the last state still has a value      |
    | final_obs  | (..., N, D)      | the observation after the last step                            |
    | group      | (..., N)         | episodes of one number in a batch began in one start state;    |
    |            |                  | None where each drew its own                                   |

    Where `mask` is false every entry is zero, and no result depends on it.
    """

    obs: Tensor
    actions: Tensor
    rewards: Tensor
    mask: Tensor
    terminated: Tensor
    truncated: Tensor
    final_obs: Tensor
    group: Tensor | None = None

    @property
    def fields(self) -> dict[str, Tensor]:
        """Those that it has, by name: without groups all but `group`."""
        named = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in named if value is not None}

    @property
    def n_trajectories(self) -> int:
        """N, the number of episodes in a batch."""
        return self.rewards.shape[-2]

    @property
    def returns(self) -> Tensor:
        """Σ_t r_t, undiscounted.  (..., N, T) -> (..., N)."""
        return self.rewards.sum(-1)

    def discounted_returns(self, gamma: float) -> Tensor:
        """r(τ) = Σ_t γᵗ r_t.  (..., N, T) -> (..., N).  Lecture E2."""
        steps = torch.arange(self.rewards.shape[-1], dtype=self.rewards.dtype)
        return self.rewards @ gamma**steps

    @property
    def lengths(self) -> Tensor:
        """T_i, the number of steps of every episode.  (..., N)."""
        return self.mask.sum(-1)

    @property
    def all_obs(self) -> Tensor:
        """s_0, …, s_T: every observation with the final one after the last step.  -> (..., N, T+1, D)."""
        last = self.lengths[..., None, None].expand_as(self.final_obs[..., None, :])
        longer = torch.cat([self.obs, torch.zeros_like(self.final_obs)[..., None, :]], -2)
        return longer.scatter(-2, last, self.final_obs[..., None, :])

    @property
    def has_value(self) -> Tensor:
        """Which of `all_obs` rewards may follow: none that terminated, nor padding.  -> (..., N, T+1)."""
        step = torch.arange(self.mask.shape[-1] + 1)
        return step < (self.lengths + self.truncated)[..., None]

    def first(self, n: int) -> Self:
        """The first n trajectories of every batch.  (..., N, T) -> (..., n, T)."""
        trajectory_axis = self.mask.ndim - 2
        return type(self)(**{name: v.narrow(trajectory_axis, 0, n) for name, v in self.fields.items()})

    def in_double(self) -> Self:
        """The same in double precision, where what a small step changes is not lost; integers stay."""
        values = self.fields.items()
        return type(self)(**{name: v.double() if v.is_floating_point() else v for name, v in values})

    def split(self) -> list[Self]:
        """The batches of the leading axis, each padded to its own longest episode.  (A, N, T) -> A (N, T)."""
        horizons = self.mask.sum(-1).amax(-1).tolist()
        return [
            type(self)(
                **{n: v[agent, :, :horizon] if n in TIMED else v[agent] for n, v in self.fields.items()}
            )
            for agent, horizon in enumerate(horizons)
        ]

    def joined(self) -> Self:
        """All batches as one, padded as they are.  (A, N, T) -> (A N, T)."""
        apart = {} if self.group is None else {"group": _apart(self.group)}
        return type(self)(**{name: v.flatten(0, 1) for name, v in (self.fields | apart).items()})

    def each(self) -> list[Self]:
        """Every trajectory as a batch of its own.  (N, T) -> N (1, T)."""
        pieces = {name: value.split(1) for name, value in self.fields.items()}
        return [
            type(self)(**dict(zip(pieces, one, strict=True))) for one in zip(*pieces.values(), strict=True)
        ]

    @classmethod
    def stack(cls, batches: Sequence[Self]) -> Self:
        """Undo `split`.  A (N, T) -> (A, N, T)."""
        return cls.concatenate(
            [cls(**{name: value[None] for name, value in batch.fields.items()}) for batch in batches]
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """Join along the leading axis; shorter parts are padded to the longest.  (A, N, T) each.

        Raises `ValueError` for parts of which some have groups and others none.
        """
        horizon = max(part.mask.shape[-1] for part in parts)
        if len(names := {tuple(part.fields) for part in parts}) > 1:
            raise ValueError("group: found in some of the batches; allowed: in all or in none of them")
        return cls(**{n: torch.cat([_pad(p, n, horizon) for p in parts]) for n in names.pop()})

    def tensors(self, prefix: str = "") -> dict[str, Tensor]:
        """The fields by name, for a safetensors file; steps are packed, since padding says nothing.

        Packed steps are (steps, ...), in the order in which `mask` is true.
        """
        steps = {name: getattr(self, name)[self.mask] for name in STEPS}
        rest = {name: value for name, value in self.fields.items() if name not in STEPS}
        return {prefix + name: tensor.contiguous() for name, tensor in (steps | rest).items()}

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor], prefix: str = "") -> Self:
        """Undo `tensors`."""
        packed = {f.name: tensors[name] for f in fields(cls) if (name := prefix + f.name) in tensors}
        mask = packed["mask"]
        for name in STEPS:
            steps = packed[name]
            packed[name] = steps.new_zeros(mask.shape + steps.shape[1:])
            packed[name][mask] = steps
        return cls(**packed)


def _apart(group: Tensor) -> Tensor:
    """Numbers of groups that no two batches share.  (A, N) -> (A, N)."""
    most = int(group.max()) + 1
    return group + most * torch.arange(len(group))[:, None]


def _pad(part: Trajectories, name: str, horizon: int) -> Tensor:
    """A field with its time axis, if it has one, filled up with zeros to `horizon`."""
    tensor: Tensor = getattr(part, name)
    if name not in TIMED:
        return tensor
    padded = tensor.new_zeros((*tensor.shape[:2], horizon, *tensor.shape[3:]))
    padded[:, :, : tensor.shape[2]] = tensor
    return padded
