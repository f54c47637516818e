"""A part that gives something else than its kind does is told in a line, not by what fails later."""

import pytest
import torch
from samples import ENVIRONMENTS, some_theta

from pgpipe.api import collect, estimate
from pgpipe.estimators.baselines.none import none
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.given import GivenError, weights_given
from pgpipe.estimators.parts import Part
from pgpipe.estimators.signals.reward_to_go import reward_to_go

LINE = ENVIRONMENTS["line"]


def short_signal(trajectories):
    return trajectories.rewards.sum(-1)


def a_number(credit, mask):
    return float(credit.mean())


def no_axes(credit, mask):
    return credit.mean()


def one_axis(credit, mask):
    return credit.mean(-1)


def a_tensor(log_ratios):
    return log_ratios.cumsum(-1).exp()


@pytest.mark.parametrize(
    ("signal", "baseline", "said"),
    [
        (short_signal, none, r"^signal short_signal: found a tensor of shape \(4,\); needed: a tensor of shape \(4, 5\) or \(4, 1\)$"),
        (reward_to_go, a_number, r"^baseline a_number: found a value of type float; needed: a tensor of shape \(4, 5\) or \(4, 1\)$"),
        (reward_to_go, no_axes, r"^baseline no_axes: found a tensor of shape \(\); needed: "),
        (reward_to_go, one_axis, r"^baseline one_axis: found a tensor of shape \(4,\); needed: "),
    ],
)  # fmt: skip
def test_a_signal_or_baseline_of_another_shape_is_told(signal, baseline, said):
    """A tensor (N,) beside (N, T) would be subtracted along the wrong axis where N = T."""
    (theta,) = some_theta(LINE)
    batch = collect(LINE, theta, 4)
    with pytest.raises(GivenError, match=said):
        estimate(LINE, theta, batch, Estimator(signal, baseline, 0.9))


def test_weights_that_are_no_logarithms_are_told():
    said = "^importance a_tensor: found a tensor of shape \\(4, 5\\); needed: LogWeights\\(on_score\\) of pgpipe.estimators.ratios"
    with pytest.raises(GivenError, match=said):
        weights_given(Part.of(a_tensor), a_tensor(torch.zeros(4, 5)))
