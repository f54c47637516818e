"""From `module:name` of a config to the policy: somebody's torch module, or function of parameters.

    class MyNet(torch.nn.Module):
        def __init__(self, observation_space, action_space, **kwargs): ...
        def forward(self, obs): ...                    # (M, D) -> a distribution over M actions

    def my_policy(theta, obs, **kwargs): ...           # (P,), (M, D) -> a distribution over M actions

Observations are flat, (M, D), discrete ones one-hot; the observation space that a class is told is that Box.
The action space is the environment's own. Actions are (M,) in a Discrete space, else (M, E) or (M, *shape).
Parameters are those that `requires_grad`; other parameters and buffers stay what they are at first, and a
module is in eval mode: what it gives for one row depends on nothing else.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from inspect import isfunction
from typing import Any

import gymnasium
import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.parameter import is_lazy

from pgpipe.policies.distributions import family_of, unvalidated
from pgpipe.policies.families import Family
from pgpipe.policies.named import PolicyError, called, named
from pgpipe.policies.spec import TorchSpec
from pgpipe.policies.torch_policy import TorchPolicy
from pgpipe.spaces import action_shape, choices

# Observations by which a policy is asked what it gives: one, too, whose axis might be squeezed away.
ROWS = (1, 3)

Distribution = Callable[[Tensor, Tensor], Any]
# The distribution by theta and observations, the draw of a start, the parameters' names.
Parts = tuple[Distribution, Callable[[np.random.Generator], Tensor], tuple[str, ...]]


def own_policy(spec: TorchSpec, observed: gymnasium.Space[Any], acted: gymnasium.Space[Any]) -> TorchPolicy:
    """The policy of a spec, fitted to an environment's spaces.

    Raises `PolicyError`, in one line, for a name that is not there, and for what gives no distribution over
    the environment's actions.
    """
    found = named(spec["module"])
    n_obs = int((observed.shape or (0,))[0])
    make = _of_function if isfunction(found) else partial(_of_module, observed, acted)
    distribution, draw, names = make(found, spec)
    start = draw(np.random.default_rng(0))
    family = _family(distribution, start, n_obs, acted)
    scalar = action_shape(acted) == ()
    return TorchPolicy(distribution, draw, names, family, n_obs, scalar, start.dtype)


def _of_function(function: Any, spec: TorchSpec) -> Parts:
    """A function of theta, whose start the config gives, as precise as numbers there are."""
    if (numbers := spec.get("initial")) is None:
        raise PolicyError("it is a function; policy.initial: missing, the numbers that its theta starts from")
    start = torch.tensor(numbers, dtype=torch.float64)
    return partial(function, **spec["kwargs"]), lambda rng: start, tuple(map(str, range(len(start))))


def _of_module(observed: Any, acted: Any, kind: type[nn.Module], spec: TorchSpec) -> Parts:
    """A module, which draws its parameters itself."""
    if spec.get("initial") is not None:
        raise PolicyError("it is a module, which draws its parameters; allowed for policy.initial: null")

    def build(seed: int) -> nn.Module:
        return _built(kind, observed, acted, spec["kwargs"], seed)

    model = build(0)
    return _called(model), lambda rng: _flat(build(int(rng.integers(2**63)))), tuple(_names(model))


def _words(kwargs: Mapping[str, Any]) -> str:
    """`no kwargs`, or `kwargs hidden, depth`."""
    return f"kwargs {', '.join(kwargs)}" if kwargs else "no kwargs"


@contextmanager
def drawing_from(seed: int) -> Iterator[None]:
    """Torch's global generator starts from a seed, and is afterwards what it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _built(
    kind: type[nn.Module], observed: Any, acted: Any, kwargs: Mapping[str, Any], seed: int
) -> nn.Module:
    """A module whose parameters are drawn from a seed, as they are before training."""
    with drawing_from(seed):
        model = called(f"it cannot be made with {_words(kwargs)}", kind, observed, acted, **kwargs).eval()
    if not any(True for _ in _learned(model)):
        raise PolicyError("it has no parameters to learn")
    if lazy := [name for name, value in model.named_parameters() if is_lazy(value)]:
        raise PolicyError(
            f"its parameter {lazy[0]} has no shape yet; allowed: layers that are told their sizes"
        )
    return model


def _learned(model: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    return ((name, value) for name, value in model.named_parameters() if value.requires_grad)


def _flat(model: nn.Module) -> Tensor:
    """All that it learns in one row.  -> (P,)."""
    return torch.cat([value.detach().flatten() for _, value in _learned(model)])


def _names(model: nn.Module) -> Iterator[str]:
    """`head.weight 5`, the entry's place in its parameter; without a number where there is one entry."""
    for name, value in _learned(model):
        yield from [name] if value.numel() == 1 else (f"{name} {i}" for i in range(value.numel()))


def _called(model: nn.Module) -> Distribution:
    """The module as a function of its parameters in one row, and of observations."""
    learned = {name: value.shape for name, value in _learned(model)}
    rest = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    fixed = {name: value.detach() for name, value in rest.items() if name not in learned}

    def distribution(theta: Tensor, obs: Tensor) -> Any:
        pieces = theta.split([shape.numel() for shape in learned.values()])
        values = {
            name: piece.reshape(shape) for (name, shape), piece in zip(learned.items(), pieces, strict=True)
        }
        kept = {n: v.to(theta.dtype) if v.is_floating_point() else v for n, v in fixed.items()}
        return functional_call(model, values | kept, (obs,))

    return distribution


@torch.no_grad()
def _family(distribution: Distribution, start: Tensor, n_obs: int, acted: gymnasium.Space[Any]) -> Family:
    """The family of what it gives at first, if that is one over the environment's actions."""
    for rows in ROWS:
        obs = torch.zeros(rows, n_obs, dtype=start.dtype)
        failure = f"it fails for {rows} observation(s) of {n_obs} numbers"
        with unvalidated():
            family = family_of(called(failure, distribution, start, obs), rows)
    if (family.choices, family.n_actions) != (choices(acted), int(np.prod(acted.shape or ()))):
        many = family.choices
        drawn = f"choices among {', '.join(map(str, many))}" if many else f"{family.n_actions} real numbers"
        raise PolicyError(f"it gives {drawn} for an action; needed: one of {acted}")
    return family
