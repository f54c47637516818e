"""Mistakes that have been found in well-known code (math.md, last section), each as a patch of behaviour.

A mistake is a function that puts it in, by pytest's `monkeypatch`, with the laws that have to see it. Numbers are
those of the list.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest
import torch
from laws import (
    test_all_batches,
    test_clipping,
    test_closed_forms,
    test_divisors,
    test_estimators,
    test_facts,
    test_group_baselines,
    test_importance,
    test_natural,
    test_parts,
    test_seeds,
    test_unbiased,
)
from samples import CARTPOLE, ENVIRONMENTS, LINE, PENDULUM, estimator_spec, sample, some_theta
from unit import test_rollout

import pgpipe.critics
import pgpipe.recording
import pgpipe.rollout
from pgpipe.discounting import tail_sums, weighted_tail_sums
from pgpipe.estimators import composition, pseudo_loss, scores
from pgpipe.estimators.aggregates.each import each
from pgpipe.estimators.baselines.batch_mean import batch_mean
from pgpipe.estimators.baselines.batch_optimal import batch_optimal
from pgpipe.estimators.baselines.group_batch_mean import group_batch_mean
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.groups import groups_of, sums_by_group
from pgpipe.estimators.importance.clipped import clipped
from pgpipe.estimators.importance.no_future import no_future
from pgpipe.estimators.importance.v_trace import v_trace
from pgpipe.estimators.normalization import normalized, normalized_by_group
from pgpipe.estimators.parts import import_part
from pgpipe.estimators.ratios import LogWeights
from pgpipe.estimators.signals.td import td
from pgpipe.estimators.signals.total_return import total_return
from pgpipe.natural.step import Step
from pgpipe.policies.gaussian_mlp import GaussianMLP
from pgpipe.trajectories import Trajectories


@dataclass(frozen=True)
class Mistake:
    """A patch and the laws that fail under it."""

    number: str
    put_in: Callable[[pytest.MonkeyPatch], None]
    laws: tuple[Callable[[], object], ...]


MISTAKES: list[Mistake] = []


def caught_by(*laws, number):
    """Register a mistake; the laws are calls without arguments."""

    def register(put_in):
        MISTAKES.append(Mistake(number, put_in, laws))
        return put_in

    return register


def unbiased(name, signal="reward_to_go", baseline="none"):
    return partial(test_unbiased.test_unbiased, name, signal, baseline)


def exactly_unbiased(name):
    return partial(test_all_batches.test_the_mean_over_all_batches_is_the_exact_gradient, name)


def rows_agree(environment, signal, baseline):
    theta = some_theta(environment, agents=2)
    case = (
        environment,
        Estimator.from_spec(estimator_spec(signal, baseline), environment["gamma"]),
        theta,
        sample(environment, theta, 6),
    )
    return partial(test_estimators.test_gradient_is_the_mean_of_the_trajectories_gradients, case)


def zero_on_padding():
    theta = some_theta(CARTPOLE, agents=2)
    estimator = Estimator.from_spec(estimator_spec("reward_to_go", "mean"), 0.9)
    case = (CARTPOLE, estimator, theta, sample(CARTPOLE, theta, 6))
    test_estimators.test_weights_have_the_shape_of_the_steps_and_are_zero_on_padding(case)


def replace_default_value(monkeypatch, value):
    """Let every estimator have this V that is not told another: `value` is the last of its options."""
    options = Estimator.__init__.__defaults__ or ()
    monkeypatch.setattr(Estimator.__init__, "__defaults__", (*options[:-1], value))


def independent(baseline, signal="reward_to_go"):
    return partial(test_parts.test_a_baseline_does_not_know_the_trajectory_it_corrects, baseline, signal)


@caught_by(
    test_parts.test_a_time_limit_is_not_the_end_of_the_world,
    test_parts.test_a_critic_gives_a_value_to_a_cut_off_end_and_none_to_a_terminal_one,
    number="1",
)
def a_time_limit_is_the_end_of_the_world(monkeypatch):
    """No value behind the last step, whether the episode was cut off or not."""
    monkeypatch.setattr(
        Trajectories,
        "has_value",
        property(lambda self: torch.arange(self.mask.shape[-1] + 1) < self.lengths[..., None]),
    )


@caught_by(test_parts.test_a_time_limit_is_not_the_end_of_the_world, number="1")
def the_end_of_the_world_has_a_future(monkeypatch):
    """A value behind the last step even where the episode terminated."""
    monkeypatch.setattr(
        Trajectories,
        "has_value",
        property(lambda self: torch.arange(self.mask.shape[-1] + 1) <= self.lengths[..., None]),
    )


@caught_by(test_parts.test_an_episode_ends_with_the_step_that_ends_it, number="2")
def the_row_of_an_automatic_reset_counts_as_a_step(monkeypatch):
    """One more step of mask for every episode that ended before the longest."""
    import samples

    rollout = pgpipe.rollout.rollout

    def with_reset_row(*arguments):
        batch = rollout(*arguments)
        reset = torch.zeros_like(batch.mask)
        reset[..., 1:] = batch.mask[..., :-1] & ~batch.mask[..., 1:]
        return replace(batch, mask=batch.mask | reset)

    monkeypatch.setattr(samples, "rollout", with_reset_row)


@caught_by(rows_agree(CARTPOLE, "reward_to_go", "mean"), unbiased("grid"), number="3")
def the_sum_is_divided_by_steps(monkeypatch):
    """The mean over steps, where the estimator says over trajectories."""
    right = scores.batch_gradient

    def per_step(policy, theta, batch, weights):
        return right(policy, theta, batch, weights) * batch.n_trajectories / batch.mask.sum()

    monkeypatch.setattr(scores, "batch_gradient", per_step)


@caught_by(exactly_unbiased("chain"), exactly_unbiased("coin"), number="4")
def the_discount_of_the_score_is_left_out(monkeypatch):
    """γᵗ = 1 in front of every score."""
    monkeypatch.setattr(Estimator, "_discounts", lambda self, credit: torch.ones_like(credit[0]))


@caught_by(
    independent("mean"),
    partial(test_unbiased.test_the_batchs_own_mean_shrinks_every_estimate, "grid"),
    number="5",
)
def the_mean_contains_the_own_trajectory(monkeypatch):
    """The batch's own mean as baseline."""
    monkeypatch.setattr("pgpipe.estimators.baselines.mean.mean", batch_mean)


@caught_by(independent("optimal"), independent("optimal", "total_return"), number="5")
def the_optimal_constant_is_fitted_on_its_own_trajectory(monkeypatch):
    """The ratio over the whole batch."""

    def own(rows, scores):
        return batch_optimal(rows, scores).expand_as(rows)

    monkeypatch.setattr("pgpipe.estimators.baselines.optimal.optimal", own)


@caught_by(independent("value"), test_parts.test_a_critic_is_the_ridge_regression_on_all_others, number="5")
def the_critic_is_fitted_on_the_trajectory_it_corrects(monkeypatch):
    """One fit on the whole batch: every trajectory stands beside a copy of the batch."""
    right = pgpipe.critics.linear_critic

    def on_all(batch, gamma):
        fields = batch.fields
        each = []
        for i in range(batch.n_trajectories):
            copied = Trajectories(
                **{name: torch.cat([value[i : i + 1], value]) for name, value in fields.items()}
            )
            each.append(right(copied, gamma)[0])
        return torch.stack(each)

    monkeypatch.setattr(composition, "linear_critic", on_all)
    monkeypatch.setattr(pgpipe.critics, "linear_critic", on_all)
    monkeypatch.setattr(test_parts, "linear_critic", on_all)
    replace_default_value(monkeypatch, on_all)


@caught_by(
    partial(test_parts.test_normalised_advantages_have_spread_one_and_no_scale, "reward_to_go"), number="6"
)
def advantages_are_divided_by_their_variance(monkeypatch):
    """(A - mean A) / var A."""
    right = normalized

    def by_variance(advantages, mask, credit):
        given = advantages.expand(mask.shape)[mask]
        return right(advantages, mask, credit) / given.std(correction=0)

    monkeypatch.setattr(composition, "normalized", by_variance)


@caught_by(test_parts.test_normalised_advantages_of_a_batch_of_one_are_numbers, number="6")
def a_batch_of_one_divides_by_nothing(monkeypatch):
    """The spread of one number, with N - 1 below it."""

    def careless(advantages, mask, credit):
        given = advantages.expand(mask.shape)[mask]
        return (advantages - given.mean()) / given.var(correction=0).sqrt()

    monkeypatch.setattr(composition, "normalized", careless)


@caught_by(independent("value"), number="7")
def the_value_is_fitted_again_before_it_is_used(monkeypatch):
    """A last step of the critic on the very returns that it is then subtracted from."""
    right = pgpipe.critics.linear_critic

    def refitted(batch, gamma):
        values = right(batch, gamma)
        to_go = import_part("signals", "reward_to_go")(batch, gamma)
        return (
            torch.cat([values[:, :-1] + 0.3 * (to_go - values[:, :-1]), values[:, -1:]], 1) * batch.has_value
        )

    replace_default_value(monkeypatch, refitted)


@caught_by(partial(test_parts.test_the_mean_of_a_score_is_zero, PENDULUM), number="8")
def the_log_probability_is_that_of_the_clipped_action(monkeypatch):
    """The action as the environment takes it, ±2, not as it was sampled."""
    right = GaussianMLP.factors
    monkeypatch.setattr(
        GaussianMLP,
        "factors",
        lambda self, pieces, tape, actions, *rest, **more: right(
            self, pieces, tape, actions.clip(-2, 2), *rest, **more
        ),
    )


@caught_by(
    partial(test_natural.test_a_step_keeps_its_bound, "cartpole", "natural"),
    partial(test_natural.test_a_step_keeps_its_bound, "line", "vanilla"),
    number="9",
)
def the_bound_is_a_learning_rate(monkeypatch):
    """A step of ε times the direction, whatever it does to the policy."""
    monkeypatch.setattr(
        "pgpipe.training.direction.step_to_bound",
        lambda bound, direction, *rest: Step(bound * direction, bound, "within the bound"),
    )


@caught_by(
    rows_agree(LINE, "total_return", "none"),
    unbiased("line as drawn", "total_return"),
    number="10",
)
def the_mean_of_the_product_is_a_product_of_means(monkeypatch):
    """mean(log p) · mean(R)."""
    right = scores.batch_gradient

    def of_means(policy, theta, batch, weights):
        return right(policy, theta, batch, weights.mean() * batch.mask)

    monkeypatch.setattr(scores, "batch_gradient", of_means)


@caught_by(test_closed_forms.test_sixteen_episodes_of_the_chain_are_a_fair_sample, number="11")
def the_first_to_finish_are_the_sample(monkeypatch):
    """Twice as many episodes, of which the shorter half is finished first."""
    import samples

    def shorter_half(environment, theta, n):
        batch = sample(environment, theta, 2 * n)
        first = batch.lengths.argsort(dim=1)[:, :n]
        rows = torch.arange(len(first))[:, None]
        return Trajectories(**{name: value[rows, first] for name, value in batch.fields.items()})

    monkeypatch.setattr(test_closed_forms, "sample", shorter_half)
    assert samples.sample is sample


def fixed_stream(*words):
    return np.random.default_rng(0)


@caught_by(partial(test_seeds.test_each_stream_reaches_the_rollouts, LINE, "environment"), number="13")
def the_seed_does_not_reach_the_environment(monkeypatch):
    """All start states from one fixed stream."""
    right = pgpipe.rollout.rollout

    def deaf(policy, theta, episodes, env_streams, action_streams):
        return right(policy, theta, episodes, [fixed_stream() for _ in env_streams], action_streams)

    monkeypatch.setattr(pgpipe.rollout, "rollout", deaf)


@caught_by(partial(test_seeds.test_each_stream_reaches_the_rollouts, LINE, "actions"), number="13")
def the_seed_does_not_reach_the_actions(monkeypatch):
    """All actions from one fixed stream."""
    monkeypatch.setattr(
        "pgpipe.policies.linear_gaussian.LinearGaussian.noise",
        lambda self, rng, size: fixed_stream().standard_normal(size),
    )


@caught_by(test_seeds.test_every_seed_starts_from_parameters_of_its_own, number="13")
def the_seed_does_not_reach_the_initialisation(monkeypatch):
    """Every network starts from the same weights."""
    import pgpipe.network

    right = pgpipe.network.initial
    monkeypatch.setattr(pgpipe.network, "initial", lambda widths, rng: right(widths, fixed_stream()))


@caught_by(zero_on_padding, number="14")
def padding_has_a_weight(monkeypatch):
    """The mask is left out of the weights."""
    right = Estimator.weighted_advantages

    def unmasked(self, batch, *ratios):
        everywhere = replace(batch, mask=torch.ones_like(batch.mask))
        return right(self, everywhere, *ratios)

    monkeypatch.setattr(Estimator, "weighted_advantages", unmasked)


@caught_by(partial(test_rollout.test_padding_is_zero, ENVIRONMENTS["grid"]), number="14")
def padding_is_what_the_environment_returned(monkeypatch):
    """Steps after the end keep what stood there."""
    right = pgpipe.recording.RecordedBatch._per_step

    def unmasked(self, rows):
        steps = right(self, rows)
        return steps if rows.dtype == bool else steps + 1 - right(self, np.ones_like(rows))

    monkeypatch.setattr(pgpipe.recording.RecordedBatch, "_per_step", unmasked)


@caught_by(unbiased("grid"), unbiased("line as drawn", "total_return"), number="sign")
def the_gradient_points_down(monkeypatch):
    """Descent, where ascent is meant."""
    right = Estimator.weighted_advantages
    monkeypatch.setattr(
        Estimator, "weighted_advantages", lambda self, batch, *ratios: -right(self, batch, *ratios)
    )


@caught_by(unbiased("line as drawn"), exactly_unbiased("coin"), number="causality")
def the_reward_to_go_starts_a_step_late(monkeypatch):
    """What follows the action, without what it earned at once."""
    right = import_part("signals", "reward_to_go")

    def late(trajectories, gamma):
        return right(trajectories, gamma) - trajectories.rewards

    monkeypatch.setattr("pgpipe.estimators.signals.reward_to_go.reward_to_go", late)


def target_gradient(name):
    return partial(test_importance.test_the_mean_over_all_batches_is_the_exact_gradient_of_the_target, name)


@caught_by(test_importance.test_causal_weights_by_hand, target_gradient("chain"), number="12")
def a_ratio_counts_before_and_after_the_score(monkeypatch):
    """The reward of step t carries ratio t as well, which stands with the score already."""
    module = "pgpipe.estimators.signals.reward_to_go.weighted_tail_sums"
    right = weighted_tail_sums
    monkeypatch.setattr(
        module, lambda per_step, factor, log_ratios: right(per_step, factor, log_ratios) * log_ratios.exp()
    )


@caught_by(test_importance.test_causal_weights_by_hand, target_gradient("coin"), number="t+1")
def a_weight_is_taken_a_step_late(monkeypatch):
    """The ratios before the score are those up to t+1."""

    def late(log_ratios):
        later = torch.cat([log_ratios[..., 1:], torch.zeros_like(log_ratios[..., :1])], -1)
        return LogWeights(on_score=later.cumsum(-1), on_rewards=log_ratios)

    monkeypatch.setattr("pgpipe.estimators.importance.per_decision.per_decision", late)


@caught_by(test_importance.test_causal_weights_by_hand, target_gradient("chain"), number="past")
def a_rewards_ratios_start_with_the_episode(monkeypatch):
    """The reward of t' is multiplied by all ratios up to t', those before the score once more."""
    module = "pgpipe.estimators.signals.reward_to_go.weighted_tail_sums"

    def from_the_start(per_step, factor, log_ratios):
        return tail_sums(per_step * log_ratios.cumsum(-1).exp(), factor)

    monkeypatch.setattr(module, from_the_start)


@caught_by(
    partial(test_importance.test_weights_are_constants_to_the_gradient, "line", "first_order"), number="stop"
)
def a_gradient_flows_through_the_weights(monkeypatch):
    """The weights are functions of θ' to the derivative, too."""
    monkeypatch.setattr(pseudo_loss, "constant", lambda weights: weights)


@caught_by(test_importance.test_a_product_that_leaves_double_precision_comes_back, number="overflow")
def ratios_are_multiplied_as_probabilities(monkeypatch):
    """Π ρ, ratio by ratio: nothing comes back from zero."""

    def product(log_ratios):
        return LogWeights(on_score=log_ratios.exp().prod(-1, keepdim=True).log())

    monkeypatch.setattr("pgpipe.estimators.importance.trajectory.trajectory", product)


def says(function, **facts):
    """A patch of what a part says of itself."""
    return function, "facts", replace(function.facts, **facts)


@caught_by(
    partial(test_facts.test_a_baseline_is_made_from_what_it_says, "batch_mean"),
    number="facts",
)
def a_baseline_says_that_it_leaves_the_own_trajectory_out(monkeypatch):
    """And counts it: a biased estimator would stand among the unbiased ones."""
    monkeypatch.setattr(*says(batch_mean, source="others"))


@caught_by(partial(test_facts.test_a_lambda_return_is_one, "td"), number="facts")
def a_bootstrap_says_that_it_credits_rewards_alone(monkeypatch):
    """The oracle would take its variance for that of the reward to go."""
    monkeypatch.setattr(*says(td, lambda_return=1.0))


@caught_by(
    partial(test_facts.test_a_credit_for_the_whole_trajectory_is_one_number, "total_return"), number="facts"
)
def a_whole_trajectory_says_that_it_credits_steps(monkeypatch):
    """A composition with ratios from the score to each reward would not be refused."""
    monkeypatch.setattr(*says(total_return, whole_trajectory=False))


@caught_by(partial(test_facts.test_weights_are_what_they_say, "no_future"), number="facts")
def a_product_of_ratios_says_that_it_is_none(monkeypatch):
    """Nothing would warn of its infinite moments."""
    monkeypatch.setattr(*says(no_future, product=False))


@caught_by(partial(test_group_baselines.one_prompt, 3), test_group_baselines.two_prompts, number="5")
def the_groups_mean_contains_the_own_episode(monkeypatch):
    """RLOO by the mean of the whole group: E ĝ shrinks by 1 - 1/G."""
    monkeypatch.setattr("pgpipe.estimators.baselines.group_mean.group_mean", group_batch_mean)


@caught_by(partial(test_group_baselines.one_prompt, 3), test_group_baselines.two_prompts, number="6")
def the_groups_deviation_is_corrected(monkeypatch):
    """G - 1 below the sum of squares, as torch and numpy's ddof=1 have it."""
    right = normalized_by_group

    def corrected(advantages, mask, credit, group):
        size = sums_by_group(torch.ones_like(advantages[..., :1]), group)
        return right(advantages, mask, credit, group) * ((size - 1) / size).sqrt()

    monkeypatch.setattr(composition, "normalized_by_group", corrected)


@caught_by(test_group_baselines.other_groups, test_group_baselines.two_prompts, number="groups")
def a_group_is_mixed_with_another(monkeypatch):
    """Groups are read off the wrong way round: 0 1 2 0 1 2, where they lie as 0 0 0 1 1 1."""
    right = groups_of

    def mixed(trajectories, who):
        group = right(trajectories, who)
        return torch.arange(group.shape[-1]).expand(group.shape) % (int(group.max()) + 1)

    monkeypatch.setattr(composition, "groups_of", mixed)


CLIPPED = "pgpipe.estimators.importance.clipped.clipped"


def surrogate(name):
    return partial(test_clipping.gradient_of_the_surrogate, name)


@caught_by(test_clipping.clipping_by_hand, surrogate("line"), surrogate("cartpole"), number="clip")
def it_is_clipped_on_the_wrong_side(monkeypatch):
    """Where the advantage points the other way."""

    def wrong(log_ratios, advantages, clip):
        return clipped(log_ratios, -advantages, clip)

    monkeypatch.setattr(CLIPPED, wrong)


@caught_by(test_clipping.clipping_by_hand, surrogate("line"), surrogate("cartpole"), number="clip")
def the_larger_of_the_two_is_taken(monkeypatch):
    """max(ρA, clip(ρ) A): what has gone too far goes on, and what would come back is stopped."""

    def larger(log_ratios, advantages, clip):
        rho = log_ratios.exp()
        goes_on = rho * advantages >= rho.clamp(1 - clip, 1 + clip) * advantages
        return LogWeights(log_ratios.masked_fill(~goes_on, -torch.inf))

    monkeypatch.setattr(CLIPPED, larger)


@caught_by(test_clipping.clipping_by_hand, surrogate("line"), number="clip")
def the_clipped_ratio_still_moves(monkeypatch):
    """Where it is clipped, the score is weighed by the bound instead of by nothing."""

    def bounded(log_ratios, advantages, clip):
        kept = clipped(log_ratios, advantages, clip).on_score
        bound = log_ratios.exp().clamp(1 - clip, 1 + clip).log()
        return LogWeights(torch.where(kept.isinf(), bound, kept))

    monkeypatch.setattr(CLIPPED, bounded)


@caught_by(
    partial(test_importance.test_weights_are_constants_to_the_gradient, "line", "clipped"),
    number="stop",
)
def the_ratio_has_no_stop_gradient(monkeypatch):
    """The ratio that weighs a score is a function of θ' to the derivative, too."""
    monkeypatch.setattr(pseudo_loss, "constant", lambda weights: weights)


@caught_by(
    partial(test_divisors.padding_says_nothing, "each"),
    partial(test_divisors.everywhere_else, "each"),
    number="14",
)
def the_own_length_counts_padding(monkeypatch):
    """T_i is the length of the longest episode in the batch."""

    def padded(mask):
        return torch.full_like(mask[..., :1], 1 / mask.shape[-1], dtype=torch.float64)

    monkeypatch.setattr("pgpipe.estimators.aggregates.each.each", padded)


@caught_by(partial(test_divisors.everywhere_else, "steps"), number="3")
def the_number_of_steps_is_that_of_the_own_trajectory(monkeypatch):
    """Each by its own T_i, where all steps of the batch are meant."""
    monkeypatch.setattr("pgpipe.estimators.aggregates.steps.steps", each)


@caught_by(test_clipping.test_v_trace_by_hand, number="clip")
def v_trace_cuts_no_ratio_of_the_future(monkeypatch):
    """ρ̄ before the score alone."""

    def half(log_ratios, truncation):
        return LogWeights(v_trace(log_ratios, truncation).on_score, on_rewards=log_ratios)

    monkeypatch.setattr("pgpipe.estimators.importance.v_trace.v_trace", half)
