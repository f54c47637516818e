"""Weigh each score by how much likelier its state and action have become: what `first_order` leaves out."""

from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.ratios import LogWeights


@Facts(corrects=("actions", "states"))
def marginal(log_ratios: Tensor, log_state_ratios: Tensor) -> LogWeights:
    """w_t = p_θ'(s_t)/p_θ(s_t) π_θ'(a_t|s_t)/π_θ(a_t|s_t).  (..., N, T).  Lecture E32, E33.

    Needs the states' own ratios, which an oracle has to know. Its expectation is that of `no_future`.
    """
    return LogWeights(log_state_ratios + log_ratios)
