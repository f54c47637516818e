"""Does somebody's policy do what jobs will ask of it?"""

import gymnasium
import numpy as np
import torch

from pgpipe.policies.named import PolicyError, called
from pgpipe.policies.own import own_policy
from pgpipe.policies.spec import TorchSpec
from pgpipe.policies.torch_policy import TorchPolicy

# Observations of a trial, and how far two ways to one number may lie apart.
ROWS, RELATIVE = 5, 1e-3

FUNC = (
    "torch.func cannot take its derivative, which a forward without .item(), numpy and in-place steps allows"
)

PRECISION = (
    "it fails where parameters and observations have {} precision; "
    "allowed: a forward without .float(), .double()"
)


def complaint(spec: TorchSpec, observed: gymnasium.Space, acted: gymnasium.Space) -> str | None:  # type: ignore[type-arg]
    """Why no job could use the policy, in one line; None if every job can."""
    try:
        policy = own_policy(spec, observed, acted)
        _starts_from_a_seed(policy)
        _gives_the_same_for_a_row(policy)
        _takes_any_precision(policy)
        called(FUNC, _has_derivatives, policy)
    except PolicyError as error:
        return str(error)
    return None


def _starts_from_a_seed(policy: TorchPolicy) -> None:
    one, same = (policy.initial(np.random.default_rng(0)) for _ in range(2))
    if not torch.equal(one, same):
        raise PolicyError("the same torch seed gave other parameters; allowed: what torch's generator draws")
    if not one.isfinite().all():
        raise PolicyError("it starts from parameters that are no numbers")


def _gives_the_same_for_a_row(policy: TorchPolicy) -> None:
    """What it gives for a row depends on that row alone, and on no chance."""
    theta, obs = _trial(policy)
    together, again = (policy.numbers(theta, obs) for _ in range(2))
    if not together.isfinite().all():
        raise PolicyError("its distribution has a number that is NaN or infinite for an observation")
    if not policy.entropy(theta, obs).isfinite().all():
        raise PolicyError("its distribution has a spread that is not above 0 for an observation")
    if not torch.equal(together, again):
        raise PolicyError(
            "it gives another distribution when it is asked again; allowed: no chance in forward"
        )
    alone = torch.cat([policy.numbers(theta, row) for row in obs.split(1)])
    if not torch.allclose(together, alone, RELATIVE, RELATIVE):
        raise PolicyError("what it gives for an observation depends on the others in the batch")


def _takes_any_precision(policy: TorchPolicy) -> None:
    """Whatever it starts in, some studies compute in double precision, and compare that with single."""
    theta, obs = _trial(policy)
    for dtype, name in ((torch.float32, "single"), (torch.float64, "double")):
        found = called(PRECISION.format(name), policy.numbers, theta.to(dtype), obs.to(dtype))
        if found.dtype != dtype:
            raise PolicyError(f"{PRECISION.format(name)}: it gives {found.dtype}")


def _has_derivatives(policy: TorchPolicy) -> None:
    """By `torch.func`, row by row and in sum, and the same as by autograd."""
    theta, obs = _trial(policy)
    pieces = policy.unflatten(theta.numpy())
    tape = policy.recorded(pieces, obs.numpy())
    rng = np.random.default_rng(1)
    actions = policy.sample(pieces, tape[-1], policy.noise(rng, (ROWS,)).astype(policy.numpy_dtype))
    ones = np.ones(ROWS, policy.numpy_dtype)
    ((_, rows),) = policy.factors(pieces, tape, actions, ones, ones)
    policy.fisher_product(pieces, tape, theta.numpy(), ones)
    parameters = theta.clone().requires_grad_()
    log_prob = policy.log_prob(parameters, obs, torch.from_numpy(actions))
    (gradient,) = torch.autograd.grad((log_prob + policy.entropy(parameters, obs)).sum(), parameters)
    scale = float(gradient.abs().max())
    for found in (rows.sum(0), policy.gradient(pieces, tape, actions, ones, ones)):
        if not np.allclose(found, gradient.numpy(), RELATIVE, RELATIVE * scale):
            raise PolicyError("torch.func and autograd find different derivatives of its distribution")


def _trial(policy: TorchPolicy) -> tuple[torch.Tensor, torch.Tensor]:
    """Its start, and some observations."""
    rng = np.random.default_rng(0)
    obs = rng.normal(size=(ROWS, policy.n_obs))
    return policy.initial(rng), torch.as_tensor(obs, dtype=policy.dtype)
