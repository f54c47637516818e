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
from importlib import import_module
from inspect import isfunction
from typing import Any

import gymnasium
import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from pgpipe.nearest import nearest_name
from pgpipe.policies.distributions import family_of, unvalidated
from pgpipe.policies.families import Bernoullis, Categoricals, Family
from pgpipe.policies.spec import TorchSpec
from pgpipe.policies.torch_policy import TorchPolicy
from pgpipe.spaces import action_shape, choices

# Observations by which a policy is asked what it gives.
ROWS = 3


def own_policy(spec: TorchSpec, observed: gymnasium.Space[Any], acted: gymnasium.Space[Any]) -> TorchPolicy:
    """The policy of a spec, fitted to an environment's spaces.

    Raises `ValueError`, in one line, for a name that is not there and for what gives no distribution over the
    environment's actions.
    """
    found, kwargs = named(spec["module"]), spec["kwargs"]
    n_obs = int((observed.shape or (0,))[0])
    if isfunction(found):
        numbers = spec.get("initial")
        if numbers is None:
            raise ValueError("it is a function; initial: missing, the numbers that its parameters start from")
        # as precise as numbers in a config are
        start, dtype = torch.tensor(numbers, dtype=torch.float64), torch.float64
        names = tuple(map(str, range(len(start))))
        distribution, draw = partial(found, **kwargs), lambda rng: start
    else:
        if spec.get("initial") is not None:
            raise ValueError("it is a module, which draws its parameters; allowed for initial: null")
        build = partial(_built, found, observed, acted, kwargs)
        model = build(0)
        start, dtype, names = _flat(model), next(_learned(model))[1].dtype, tuple(_names(model))
        distribution, draw = _called(model), lambda rng: _flat(build(int(rng.integers(2**63))))
    family = _family(distribution, start, n_obs, acted)
    scalar = action_shape(acted) == ()
    return TorchPolicy(distribution, draw, names, family, n_obs, scalar, dtype)


def named(path: str) -> Any:
    """The class or function `name` of `module:name`.  Raises `ValueError` if there is none."""
    module, _, name = path.partition(":")
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise ValueError(f"there is no module '{error.name}' on Python's path") from None
    if not hasattr(found, name):
        public = [known for known in vars(found) if not known.startswith("_")]
        raise ValueError(f"{module} has no '{name}'{nearest_name(name, public)}")
    value = getattr(found, name)
    if not isfunction(value) and not (isinstance(value, type) and issubclass(value, nn.Module)):
        kind = f"the class {name}" if isinstance(value, type) else f"a value of type {type(value).__name__}"
        raise ValueError(f"it is {kind}; allowed: a subclass of torch.nn.Module, or a function")
    return value


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
        model = kind(observed, acted, **kwargs).eval()
    if not any(True for _ in _learned(model)):
        raise ValueError("it has no parameters to learn")
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


def _called(model: nn.Module) -> Callable[[Tensor, Tensor], Any]:
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
def _family(
    distribution: Callable[[Tensor, Tensor], Any], start: Tensor, n_obs: int, acted: gymnasium.Space[Any]
) -> Family:
    """The family of what it gives at first, if that is one over the environment's actions."""
    with unvalidated():
        family = family_of(distribution(start, torch.zeros(ROWS, n_obs, dtype=start.dtype)), ROWS)
    asked = choices(acted)
    own = {Categoricals: lambda: family.choices, Bernoullis: lambda: (2,) * family.n_actions}
    offered = own[type(family)]() if type(family) in own else None  # type: ignore[attr-defined]
    if (offered or family.n_actions) != (asked or int(np.prod(acted.shape or ()))):
        drawn = f"choices among {offered}" if offered else f"{family.n_actions} real numbers"
        raise ValueError(f"it gives {drawn} for an action; needed: one of {acted}")
    return family
