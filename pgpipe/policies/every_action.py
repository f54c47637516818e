"""All actions of a policy in a state, with their weights: sums over them are expectations."""

from itertools import product

import numpy as np
import torch
from torch import Tensor

from pgpipe.policies.categorical import CategoricalMLP, SoftmaxTable
from pgpipe.policies.policy import Policy


def every_action(policy: Policy, theta: Tensor, obs: Tensor) -> tuple[Tensor, Tensor]:
    """Actions (B, S, [E]) in every state (S, D) and their weights (B, S).

    All there are where they are finitely many; else Gauss-Hermite nodes. A Gaussian's score has degree two in
    the noise: its square, or its product with what has degree two, four. Three nodes are exact up to five.
    """
    if isinstance(policy, SoftmaxTable | CategoricalMLP):
        log_probs = policy.logits(theta, obs).log_softmax(-1).T
        return torch.arange(len(log_probs))[:, None].expand(log_probs.shape), log_probs.exp()
    x, w = np.polynomial.hermite_e.hermegauss(3)
    E = policy.noise(np.random.default_rng(0), (1,)).size
    nodes = torch.tensor(list(product(x, repeat=E)), dtype=theta.dtype)
    weights = torch.tensor(list(product(w / w.sum(), repeat=E)), dtype=theta.dtype).prod(-1)
    flat = policy.noise(np.random.default_rng(0), (1,)).ndim == 1
    noise = nodes[:, None].expand(-1, len(obs), -1)
    actions = torch.stack([policy.act(theta, obs, n[..., 0] if flat else n) for n in noise])
    return actions, weights[:, None].expand(-1, len(obs))
