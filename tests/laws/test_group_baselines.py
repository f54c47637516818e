"""What group baselines do on average: over all batches of groups, and by the binomial of how many are right."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from samples import COIN, LINE, PROMPTS, estimator_spec, sample, some_theta

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.groups import sums_by_group
from pgpipe.estimators.laws.case import Case
from pgpipe.estimators.laws.of_estimators import other_groups_say_nothing
from pgpipe.lecture.gradients.estimates import GroupSpec, estimate_batches
from pgpipe.oracles import coin, prompts
from pgpipe.oracles.batches import all_batches, table_actions
from pgpipe.oracles.groups import FORMS, batch_moments, group_moments, ratio, ratio_limit
from pgpipe.oracles.outcomes import Outcomes
from pgpipe.oracles.variances import exact_variance, is_exact
from pgpipe.rollout import policy_for

LINES = {
    "leave_one_out": estimator_spec("total_return", "group_mean"),
    "own_mean": estimator_spec("total_return", "group_batch_mean"),
    "normalized": estimator_spec("total_return", normalize="group"),
}


def prompts_with(group, gamma=1.0, **kwargs) -> EnvironmentSpec:
    return {**PROMPTS, "kwargs": {**PROMPTS["kwargs"], **kwargs}, "gamma": gamma, "group": group}


def theta_of(environment, scale=0.8):
    return scale * np.sin(1.7 * np.arange(policy_for(environment).n_parameters))


def moments_of(environment, theta, lines, n, oracle=prompts, n_actions=3):
    """{words: (E ĝ, N Var ĝ)} over all batches of n in groups, and the outcomes."""
    outcomes = oracle.outcomes(theta, environment)
    actions = table_actions(outcomes, n_actions)
    batches, chances, _ = all_batches(outcomes, actions, n, environment.get("group", 1))
    assert chances.sum() == pytest.approx(1)
    spec: GroupSpec = {"environment": environment, "group": lines, "module": oracle.__name__}
    found = {}
    for words, rows in estimate_batches(spec, torch.from_numpy(theta), batches).items():
        mean = chances @ rows.numpy()
        found[words] = (mean, n * chances @ (rows.numpy() - mean) ** 2)
    return found, outcomes


@pytest.mark.parametrize(("G", "p", "expected"), [(4, 0.1, 1.6903), (4, 0.5, 1.6160), (8, 0.1, 2.3277), (8, 0.5, 1.8557),
                                                  (16, 0.1, 2.8478), (16, 0.5, 1.9341), (64, 0.1, 3.2548), (64, 0.5, 1.9842)])  # fmt: skip
def test_the_numbers_of_math_md(G, p, expected):
    assert ratio("normalized", G, p) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("p", [0.02, 0.1, 0.37, 0.5, 0.9])
def test_what_holds_at_every_success_probability(p):
    """Groups of two are unbiased when normalised, RLOO at any size; the own mean shrinks by 1/G."""
    assert ratio("normalized", 2, p) == pytest.approx(1)
    assert ratio("normalized", 100_000, p) == pytest.approx(ratio_limit(p), rel=1e-3)
    for G in (2, 3, 8, 64):
        assert ratio("leave_one_out", G, p) == pytest.approx(1)
        assert ratio("own_mean", G, p) == pytest.approx(1 - 1 / G)


def one_prompt(G):
    """All batches of one group, beside the binomial: E ĝ/∇p and the variance, for every form."""
    environment = prompts_with(G, targets=[2])
    theta = theta_of(environment)
    found, outcomes = moments_of(environment, theta, LINES, G)
    p, gradient = prompts.exact(theta, environment)
    for form, (mean, variance) in found.items():
        np.testing.assert_allclose(mean, ratio(form, G, p) * gradient, atol=1e-9, err_msg=form)
        np.testing.assert_allclose(mean, group_moments(outcomes, form, G).mean, atol=1e-9, err_msg=form)
        np.testing.assert_allclose(
            variance, group_moments(outcomes, form, G).variance, atol=1e-9, err_msg=form
        )


@pytest.mark.parametrize("G", [2, 3, 4])
def test_one_group_of_one_prompt_is_as_the_binomial_says(G):
    one_prompt(G)


def two_prompts():
    """Two groups of two from two prompts: the oracle's sum over starts is that over all batches."""
    environment = prompts_with(2)
    theta = theta_of(environment)
    found, outcomes = moments_of(environment, theta, LINES, 4)
    for form, (mean, variance) in found.items():
        exact = batch_moments(outcomes, form, 2)
        np.testing.assert_allclose(mean, exact.mean, atol=1e-9, err_msg=form)
        np.testing.assert_allclose(variance, exact.variance, atol=1e-9, err_msg=form)


def test_groups_of_several_prompts_are_as_the_oracle_says():
    two_prompts()


def test_with_several_prompts_normalising_turns_the_gradient():
    """Their c_G(p) differ: hard and easy ones count more. With G = 2 all are one."""
    environment = prompts_with(8, targets=[2, 5, 6], limit=3)
    theta = np.zeros(63)
    theta[[0, 2, 6]] = -1, 2, 3  # writes 2 and stops: right in 80 %, 11 % and 4 %
    outcomes, gradient = prompts.outcomes(theta, environment), prompts.exact(theta, environment)[1]

    def cosine(G):
        mean = batch_moments(outcomes, "normalized", G).mean
        return mean @ gradient / np.linalg.norm(mean) / np.linalg.norm(gradient)

    assert cosine(2) == pytest.approx(1)
    assert 0.99 < cosine(8) < 0.999
    assert cosine(64) < 0.98


def test_only_a_reward_of_zero_or_one_has_a_binomial():
    environment = prompts_with(2, partial=True)
    outcomes = prompts.outcomes(theta_of(environment), environment)
    with pytest.raises(ValueError, match=r"^returns: found 0\.\d+; allowed: 0, 1$"):
        batch_moments(outcomes, "normalized", 2)


@pytest.mark.parametrize(("partial", "n"), [(False, 4), (True, 2)])
def test_exact_variances_know_of_groups(partial, n):
    """Every line with a formula, discounted, with and without partial credit, over all batches."""
    environment = prompts_with(2, 0.8, partial=partial)
    theta = theta_of(environment)
    signals = ("total_return", "reward_to_go")
    lines = {
        f"{s} {b}": estimator_spec(s, b)
        for s in signals
        for b in ("none", "group_mean", "group_batch_mean", "mean")
    }
    lines |= {f"{s} exact": estimator_spec(s, "value", value="exact") for s in (*signals, "td")}
    lines["each"] = estimator_spec("total_return", "group_mean", aggregate="each")
    lines["constant"] = estimator_spec("total_return", aggregate="constant", longest=3)
    found, outcomes = moments_of(environment, theta, lines, n)
    values = prompts.values(theta, environment, outcomes.obs)
    known = {words: exact_variance(outcomes, spec, 0.8, n, values, 2) for words, spec in lines.items()}
    unknown = {"total_return mean", "reward_to_go mean", "reward_to_go group_batch_mean"}
    assert {words for words, variance in known.items() if variance is None} == unknown
    for words, variance in known.items():
        if variance is not None and is_exact(outcomes, lines[words]):  # a ratio of lengths is not
            np.testing.assert_allclose(found[words][1], variance, atol=1e-9, err_msg=words)


def test_a_hidden_start_is_a_start():
    """Both episodes of a group of the coin see the same side: the others' mean knows it and still is unbiased."""
    environment: EnvironmentSpec = {**COIN, "gamma": 0.7, "group": 2}
    theta = np.array([0.2, -0.5])
    lines = {"none": estimator_spec("total_return"), "group": estimator_spec("total_return", "group_mean")}
    found, outcomes = moments_of(environment, theta, lines, 2, coin, 2)
    gradient = coin.exact(theta, environment)[1]
    for words, (mean, variance) in found.items():
        np.testing.assert_allclose(mean, gradient, atol=1e-12)
        values = coin.values(theta, environment, outcomes.obs)
        known = exact_variance(outcomes, lines[words], 0.7, 2, values, 2)
        assert known is not None
        np.testing.assert_allclose(variance, known, atol=1e-12)


def other_groups():
    """A trajectory's weights do not change with another group's rewards."""
    environment: EnvironmentSpec = {**LINE, "group": 3}
    theta = some_theta(environment)
    batch = sample(environment, theta, 6).split()[0]
    for spec in (*LINES.values(), estimator_spec("reward_to_go", "group_mean", normalize="group")):
        case = Case(Estimator.from_spec(spec, 0.9), policy_for(environment), theta[0], batch)
        assert other_groups_say_nothing(case) == ""


def test_a_group_knows_no_other():
    other_groups()


def test_the_order_in_which_groups_lie_says_nothing():
    rows, group = torch.arange(12.0).reshape(6, 2), torch.tensor([1, 0, 1, 0, 1, 0])
    sums = sums_by_group(rows, group)
    assert sums[0].tolist() == rows[::2].sum(0).tolist() == sums[4].tolist()
    assert sums[1].tolist() == rows[1::2].sum(0).tolist()


def test_where_a_group_is_alike_there_is_nothing_to_learn():
    """Also where the mean of equal numbers is one of them only to rounding."""
    environment: EnvironmentSpec = {**LINE, "group": 3}
    batch = sample(environment, some_theta(environment), 6).split()[0]
    assert batch.group is not None
    alike = replace(batch, rewards=torch.where(batch.group[:, None] == 0, 0.1, batch.rewards))
    for baseline in ("none", "group_mean", "group_batch_mean"):
        spec = estimator_spec("total_return", baseline, normalize="group", score_discount=False)
        weights = Estimator.from_spec(spec, 1.0).weighted_advantages(alike)
        assert (weights[:3] == 0).all()
        assert weights[3:, 0].std(correction=0).item() == pytest.approx(1)


@pytest.mark.parametrize("spec", LINES.values(), ids=list(LINES))
def test_a_batch_without_groups_is_refused(spec):
    batch = sample(LINE, some_theta(LINE), 4).split()[0]
    who = "normalize: group" if spec["normalize"] else f"baseline {spec['baseline']}"
    message = f"^{who} needs trajectories in groups that began in one state; the batch has none$"
    with pytest.raises(ValueError, match=message):
        Estimator.from_spec(spec, 0.9).weighted_advantages(batch)


@pytest.mark.parametrize("p", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("G", [2, 8, 64])
def test_sampled_groups_lie_on_the_curve(G, p):
    """One token to write or not: E ĝ/∇p within 5 standard errors, for all three forms, in 2,048 episodes."""
    environment = prompts_with(G, targets=[1], vocabulary=1, limit=1)
    theta = torch.tensor([0.0, np.log(p / (1 - p)), 0.0, 0.0], dtype=torch.float64)
    batches = sample(environment, theta.expand(2_048 // G, -1), G)
    spec: GroupSpec = {"environment": environment, "group": LINES, "module": None}
    for form, rows in estimate_batches(spec, theta, batches).items():
        found = (rows[:, 1] / (p * (1 - p))).numpy()
        error = (
            group_moments(prompts.outcomes(theta.numpy(), environment), form, G).variance[1] / G / len(found)
        ) ** 0.5
        assert abs(found.mean() - ratio(form, G, p)) < 5 * error / (p * (1 - p)) + 1e-12


def test_forms_are_all_there():
    assert sorted(FORMS) == sorted(LINES)
    assert isinstance(prompts.outcomes(np.zeros(30), prompts_with(2)), Outcomes)
