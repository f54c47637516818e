"""From a `torch.distributions` distribution over a batch of actions to its family and numbers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.distributions import (
    Bernoulli,
    Categorical,
    Distribution,
    Independent,
    MultivariateNormal,
    Normal,
)

from pgpipe.policies import normals
from pgpipe.policies.families import Bernoullis, Categoricals, Family
from pgpipe.policies.named import PolicyError

ALLOWED = (
    "Categorical, or a list of it, Bernoulli, Normal, MultivariateNormal, or Independent of one of these"
)


@contextmanager
def unvalidated() -> Iterator[None]:
    """Have torch's distributions take any numbers: what diverged is told by its returns."""
    before = Distribution._validate_args
    Distribution.set_default_validate_args(
        False
    )  # a test of numbers has no derivative by `torch.func` either
    try:
        yield
    finally:
        Distribution.set_default_validate_args(before)


def family_of(given: Any, rows: int) -> Family:
    """The family of a distribution over the actions of so many observations.

    Raises `PolicyError` for what is none, for a family that is not known, and for another number of rows.
    """
    if isinstance(given, list | tuple) and given and all(type(_plain(one)) is Categorical for one in given):
        parts = [family_of(one, rows) for one in given]
        return Categoricals(tuple(n for part in parts for n in part.choices or ()))
    if not isinstance(given, Distribution):
        raise PolicyError(f"it gives {type(given).__name__}; allowed: a distribution of torch.distributions")
    shape = tuple(given.batch_shape + given.event_shape)
    if shape[:1] != (rows,):
        raise PolicyError(
            f"of {rows} observation(s) it gives actions of shape {shape}; "
            f"allowed: {rows} row(s), one for each"
        )
    plain, n = _plain(given), torch.Size(shape[1:]).numel()
    if type(plain) is Categorical:
        return Categoricals((plain.logits.shape[-1],) * n)
    if type(plain) is MultivariateNormal and len(shape) == 2:
        return normals.MultivariateNormal(n)
    known: dict[type, Any] = {Bernoulli: Bernoullis, Normal: normals.Normals}
    if type(plain) not in known:
        raise PolicyError(f"it gives {type(plain).__name__}; allowed: {ALLOWED}")
    return known[type(plain)](n)


def numbers_of(given: Any) -> Tensor:
    """The numbers of a distribution that `family_of` knows.  -> (M, O)."""
    if isinstance(given, Sequence):
        return torch.cat([numbers_of(one) for one in given], -1)
    plain = _plain(given)
    if isinstance(plain, Categorical):
        # a choice that is masked out has a logit of -∞, which times its probability is no number
        return plain.logits.clamp(min=torch.finfo(plain.logits.dtype).min / 4).flatten(1)
    if isinstance(plain, Bernoulli):
        return plain.logits.flatten(1)
    if isinstance(plain, Normal):
        return torch.cat([plain.loc.flatten(1), plain.scale.flatten(1)], 1)
    E = plain.loc.shape[-1]
    rows, columns = torch.tril_indices(E, E)
    return torch.cat([plain.loc, plain.scale_tril[:, rows, columns]], 1)


def _plain(given: Any) -> Any:
    """A distribution without the `Independent` around it, which only says which axes belong together."""
    while isinstance(given, Independent):
        given = given.base_dist
    return given


def torch_log_prob(given: Any, actions: Tensor) -> Tensor:
    """log p(a) as torch has it, summed over what an action consists of.  actions (M, [E]) -> (M,)."""
    if isinstance(given, Sequence):
        axes = zip(given, actions.unbind(-1), strict=True)
        return torch.stack([torch_log_prob(one, axis) for one, axis in axes]).sum(0)
    shape = given.batch_shape + given.event_shape
    known = given.log_prob(actions.reshape(shape).to(given.mean.dtype))
    return known.reshape(len(actions), -1).sum(-1)
