"""Use old samples as if they were new."""

import torch
from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.ratios import LogWeights


@Facts(corrects=())
def none(log_ratios: Tensor) -> LogWeights:
    """w_t = 1.  (..., N, T) -> (..., N, 1).

    On samples of the policy itself that is all there is to it; on those of another one it is a bias.
    """
    return LogWeights(torch.zeros_like(log_ratios[..., :1]))
