"""J and ∇J of every studied policy: exact where they are known, else from a large batch of its own."""

from collections.abc import Mapping
from importlib import import_module

import torch
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.oracles.rollouts import SampledReferenceSpec, sampled


class ExactReferenceSpec(TypedDict):
    """An environment, and the module that knows its J and ∇J."""

    environment: EnvironmentSpec
    module: str


def compute_reference(
    spec: ExactReferenceSpec | SampledReferenceSpec, policies: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """`<stage>.returns`, (1,) or (R n,), and `<stage>.gradients`, (1, P) or (R, P), in double precision."""
    reference: dict[str, Tensor] = {}
    for policy, theta in sorted(policies.items()):
        if spec["module"] is not None:
            J, gradient = import_module(spec["module"]).exact(theta.double().numpy(), spec["environment"])
            returns, gradients = torch.tensor([J], dtype=torch.float64), torch.from_numpy(gradient)[None]
        else:
            returns, gradients = sampled(theta, spec, policy)
        reference |= {f"{policy}.returns": returns.double(), f"{policy}.gradients": gradients.double()}
    return reference
