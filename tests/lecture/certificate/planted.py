"""Estimators that a certificate has never seen: wrong ones, each by one mistake, and right ones."""

import torch

from pgpipe.discounting import tail_sums
from pgpipe.estimators.aggregates.constant import constant
from pgpipe.estimators.aggregates.each import each
from pgpipe.estimators.baselines.group_batch_mean import group_batch_mean
from pgpipe.estimators.baselines.group_mean import group_mean
from pgpipe.estimators.baselines.mean import mean
from pgpipe.estimators.baselines.none import none
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.facts import Facts
from pgpipe.estimators.importance import none as unweighted
from pgpipe.estimators.importance.clipped import clipped as ppo
from pgpipe.estimators.importance.v_trace import v_trace
from pgpipe.estimators.ratios import LogWeights
from pgpipe.estimators.signals.all_actions import all_actions
from pgpipe.estimators.signals.gae import gae
from pgpipe.estimators.signals.pathwise import pathwise
from pgpipe.estimators.signals.reward_to_go import reward_to_go
from pgpipe.estimators.signals.total_return import total_return
from pgpipe.lecture.certificate.subject import Subject


def composed(name, signal=reward_to_go, baseline=none, importance=unweighted.none, **options):
    exact = options.pop("exact", False)
    return Subject(name, Estimator(signal, baseline, 1.0, importance=importance, **options), exact)


# signals


def downhill(trajectories, gamma):
    return -reward_to_go(trajectories, gamma)


def undiscounted(trajectories):
    return tail_sums(trajectories.rewards, 1.0)


def without_the_scores_discount(trajectories, gamma):
    """What is divided by γᵗ here is all that stands before the score of step t."""
    t = torch.arange(trajectories.mask.shape[-1], dtype=torch.float64)
    return reward_to_go(trajectories, gamma) / gamma**t


def a_step_late(trajectories, gamma):
    return reward_to_go(trajectories, gamma) - trajectories.rewards


@Facts(whole_trajectory=True)
def normalised(trajectories, gamma):
    returns = total_return(trajectories, gamma)
    return returns / (returns.std() + 1e-8)


def own_mean_taken_before(trajectories, gamma):
    """The batch's mean, own trajectory and all, inside the signal, where no fact speaks of it."""
    to_go = reward_to_go(trajectories, gamma)
    return to_go - (to_go * trajectories.mask).sum() / trajectories.mask.sum()


def noisy(trajectories, gamma):
    return reward_to_go(trajectories, gamma) + torch.randn(trajectories.mask.shape, dtype=torch.float64)


# baselines


def others(credit, mask):
    """Σ_j≠i of credits and of their number.  (N, 1) each."""
    totals, counts = (credit * mask).sum(-1, keepdim=True), mask.sum(-1, keepdim=True)
    return totals.sum(-2, keepdim=True) - totals, counts.sum(-2, keepdim=True) - counts


@Facts(source="others", average="all steps")
def mean_of_all(credit, mask):
    return ((credit * mask).sum() / mask.sum()).expand(len(credit), 1)


@Facts(source="others", average="all steps")
def wrong_number_of_others(credit, mask):
    totals, counts = others(credit, mask)
    return totals / (counts + mask.sum(-1, keepdim=True))


@Facts(source="others")
def padding_counted(credit, mask):
    totals, _ = others(credit, mask)
    return totals / (mask.shape[-1] * (len(mask) - 1))


@Facts(source="states")
def of_the_action(trajectories):
    return 0.3 * trajectories.actions.reshape(*trajectories.mask.shape).double()


@Facts(source="states")
def of_the_next_action(trajectories):
    return 0.3 * of_the_action(trajectories).roll(-1, -1)


@Facts(source="states")
def of_the_next_state(trajectories):
    ahead = trajectories.all_obs[..., 1:, :]
    return 0.3 * ahead @ torch.arange(1.0, ahead.shape[-1] + 1, dtype=ahead.dtype)


def silent_mean_of_all(credit, mask):
    return (credit * mask).sum((-2, -1), keepdim=True) / mask.sum((-2, -1), keepdim=True)


def of_another_shape(credit, mask):
    return credit.mean(-2)[..., :0]


# forms of importance weights

ALL = Facts(corrects=("actions", "states", "rewards"), product=True)


@ALL
def upside_down(log_ratios):
    return LogWeights(-log_ratios.sum(-1, keepdim=True))


@ALL
def clipped(log_ratios):
    return LogWeights(log_ratios.sum(-1, keepdim=True).clamp(max=0.1))


@Facts(corrects=("actions", "states", "rewards"), product=True, per_reward=True)
def counted_twice(log_ratios):
    return LogWeights(log_ratios.cumsum(-1), log_ratios.roll(1, -1))


@Facts(source="others", average="all steps")
def others_of_all_groups(credit, mask, group):
    """The mean of the others, whatever state they began in."""
    return mean(credit, mask)


@Facts(source="others", average="all steps")
def the_whole_group(credit, mask, group):
    return group_batch_mean(credit, mask, group)


WRONG = (
    composed("mean of other groups", total_return, others_of_all_groups),
    composed("own trajectory in the group's mean", total_return, the_whole_group),
    composed("sign", downhill),
    composed("rewards not discounted", undiscounted),
    composed("no discount before the score", without_the_scores_discount, mean),
    composed("off by one", a_step_late),
    composed("normalised silently", normalised),
    composed("own mean in the signal", own_mean_taken_before),
    composed("noise", noisy),
    composed("own trajectory in the mean", baseline=mean_of_all),
    composed("wrong number of others", baseline=wrong_number_of_others),
    composed("padding counted", baseline=padding_counted),
    composed("depends on the action", baseline=of_the_action),
    composed("depends on the next action", baseline=of_the_next_action),
    composed("depends on the next state", baseline=of_the_next_state),
    composed("own trajectory, unsaid", baseline=silent_mean_of_all),
    composed("another shape", baseline=of_another_shape),
    composed("ratio upside down", importance=upside_down),
    composed("weights clipped", importance=clipped),
    composed("ratios of other steps", importance=counted_twice),
)


@Facts(source="others")
def median_of_others(credit, mask):
    rows = [credit[torch.arange(len(credit)) != i] for i in range(len(credit))]
    kept = [mask[torch.arange(len(mask)) != i] for i in range(len(mask))]
    return torch.stack([row[own].median() for row, own in zip(rows, kept, strict=True)])[:, None]


@Facts(source="states")
def of_the_state(trajectories):
    obs = trajectories.obs
    return 0.2 + obs @ torch.arange(1.0, obs.shape[-1] + 1, dtype=obs.dtype).cos()


@Facts(source="others")
def later_steps_count_less(credit, mask):
    """Of the others at the same step, and half as much of those that are over."""
    totals = (credit * mask).sum(-2, keepdim=True) - credit * mask
    return totals / (len(credit) - 1)


@Facts(source="others")
def half_the_mean(credit, mask):
    return 0.5 * mean(credit, mask)


@Facts(corrects=("actions", "states", "rewards"), product=True, per_reward=True)
def rewritten_per_decision(log_ratios):
    before = torch.stack([log_ratios[..., : t + 1].sum(-1) for t in range(log_ratios.shape[-1])], -1)
    return LogWeights(before, log_ratios)


RIGHT = (
    composed("leave-one-out in groups", total_return, group_mean),
    composed("normalised by group", total_return, normalize="group", aggregate=each),
    composed("divided by a constant", total_return, group_batch_mean, aggregate=constant, longest=8),
    composed("clipped", baseline=mean, importance=ppo, clip=0.1),
    composed("truncated", baseline=mean, importance=v_trace, truncation=1.1),
    composed("pathwise", pathwise, exact=True),
    composed("all actions", all_actions, exact=True),
    composed("all actions by a critic", all_actions),
    composed("median of others", total_return, median_of_others),
    composed("a number for each state", baseline=of_the_state),
    composed("others at the same step", baseline=later_steps_count_less),
    composed("half the mean", baseline=half_the_mean),
    composed("gae at λ = 0.3 by the true V", gae, mean, exact=True, gae_lambda=0.3),
    composed("per decision, written otherwise", baseline=mean, importance=rewritten_per_decision),
)
