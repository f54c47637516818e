"""Parameters at which identities and solutions are looked at."""

import numpy as np
import torch
from torch import Tensor

from pgpipe.policies.policy import Policy


def study_parameters(policy: Policy, rng: np.random.Generator) -> Tensor:
    """θ a little off the untrained policy's, so that no derivative is zero by symmetry.  -> (P,)."""
    start = policy.initial(rng)
    return start + 0.2 * torch.as_tensor(rng.standard_normal(len(start)), dtype=start.dtype)
