"""The two policies on a tanh network that the compiled code knows, as it wants to be told of them."""

from typing import TypeGuard

import numpy as np
import torch
from torch import Tensor

from pgpipe.errors import fits
from pgpipe.fused.compiled_network import CompiledNetwork, Floats
from pgpipe.policies.categorical import CategoricalMLP
from pgpipe.policies.gaussian_mlp import GaussianMLP
from pgpipe.policies.policy import Policy

KnownPolicy = CategoricalMLP | GaussianMLP


def known(policy: Policy) -> TypeGuard[KnownPolicy]:
    """Whether it is one of them, in single precision, and no kind of them, which may act otherwise."""
    return type(policy) in (CategoricalMLP, GaussianMLP) and policy.dtype == torch.float32


class FusedPolicy:
    """One of them: its network, how many choices an action has, and how many numbers otherwise."""

    def __init__(self, policy: KnownPolicy) -> None:
        self.policy, self.network = policy, CompiledNetwork(policy.widths)
        out = policy.widths[-1]
        self.choices, self.n_sigma = (out, 0) if isinstance(policy, CategoricalMLP) else (0, out)

    def read_network(self, theta: Tensor) -> Floats:
        """Take over the network of θ (P,); -> σ, (E,), or nothing of a choice.

        Raises `ValueError` for a θ that is another policy's.
        """
        # for any other array code would be compiled anew
        flat = np.ascontiguousarray(theta.detach().numpy(), np.float32)
        fits("theta", flat.shape, (self.policy.n_parameters,))
        network, log_sigma = np.split(flat, [len(flat) - self.n_sigma])
        self.network.read(network)
        return np.exp(log_sigma)
