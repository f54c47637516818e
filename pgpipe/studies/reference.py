"""J and ∇J of every studied policy: exact where they are known, else from a large batch of its own."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from pgpipe.oracles.rollouts import sampled


def compute_reference(spec: Mapping[str, Any], policies: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`<stage>.returns`, (1,) or (R n,), and `<stage>.gradients`, (1, P) or (R, P), in double precision."""
    reference: dict[str, Tensor] = {}
    for policy, theta in sorted(policies.items()):
        if spec["module"]:
            J, gradient = import_module(spec["module"]).exact(theta.double().numpy(), spec["environment"])
            returns, gradients = torch.tensor([J], dtype=torch.float64), torch.from_numpy(gradient)[None]
        else:
            returns, gradients = sampled(theta, spec, policy)
        reference |= {f"{policy}.returns": returns.double(), f"{policy}.gradients": gradients.double()}
    return reference
