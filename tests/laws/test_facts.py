"""What a part says of itself is what it does, and is read alike with torch and without."""

from dataclasses import replace
from importlib import import_module

import pytest
import torch
from samples import CREDITS, LINE, estimator_spec, sample, some_theta

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.facts import facts_of
from pgpipe.estimators.parts import FAMILIES, Part, part_names, read_part
from pgpipe.estimators.scores import trajectory_estimates
from pgpipe.rollout import policy_for


def function(family, name):
    return getattr(import_module(f"pgpipe.estimators.{family}.{name}"), name)


def facts(family, name):
    return facts_of(function(family, name))


def estimates(batch, baseline="none"):
    estimator = Estimator.from_spec(estimator_spec("reward_to_go", baseline), 0.9)
    return trajectory_estimates(policy_for(LINE), some_theta(LINE)[0], batch, estimator)


@pytest.mark.parametrize(("family", "name"), [(f, n) for f in FAMILIES for n in part_names(f)])
def test_a_file_that_is_read_says_what_its_function_says(family, name):
    assert read_part(family, name) == Part.of(function(family, name))


@pytest.mark.parametrize("signal", CREDITS)
def test_a_credit_for_the_whole_trajectory_is_one_number(signal):
    batch = sample(LINE, some_theta(LINE), 4).split()[0]
    known = {
        "trajectories": batch,
        "gamma": 0.9,
        "values": torch.ones(4, 6),
        "gae_lambda": 0.5,
        "future": None,
    }
    part = Part.of(function("signals", signal))
    credit = function("signals", signal)(**{name: known[name] for name in part.asks})
    whole = facts("signals", signal).whole_trajectory
    assert credit.shape[-1] == (1 if whole else batch.rewards.shape[-1])


@pytest.mark.parametrize("signal", CREDITS)
def test_a_lambda_return_is_one(signal):
    """Σ_{k≥t} (γλ)^{k-t} (r_k + γ (1-λ) V_{k+1}), written out; of a whole trajectory the one of step 0."""
    if (said := facts("signals", signal).lambda_return) is None:
        pytest.skip("it says that it is none")
    batch = sample(LINE, some_theta(LINE), 4).split()[0]
    factor, gamma, T = (0.5 if said == "gae_lambda" else said), 0.9, batch.rewards.shape[-1]
    values = torch.linspace(-1, 2, 4 * (T + 1), dtype=torch.float64).reshape(4, T + 1)
    values[:, -1] = 0
    steps = batch.rewards + gamma * (1 - factor) * values[:, 1:]
    terms = [[(gamma * factor) ** (k - t) * steps[:, k] for k in range(t, T)] for t in range(T)]
    written = [torch.stack(to_come).sum(0) for to_come in terms]
    known = {"trajectories": batch, "gamma": gamma, "values": values, "gae_lambda": factor, "future": None}
    part = Part.of(function("signals", signal))
    credit = function("signals", signal)(**{name: known[name] for name in part.asks})
    torch.testing.assert_close(credit, torch.stack(written, 1)[:, : credit.shape[-1]])


@pytest.mark.parametrize("baseline", part_names("baselines"))
def test_a_baseline_is_made_from_what_it_says(baseline):
    """Trajectory 0 earns more: what is subtracted from it changes if the whole batch counts, and else not."""
    batch = sample({**LINE, "group": 3}, some_theta(LINE)[:1], 6).split()[0]
    other = replace(batch, rewards=batch.rewards.clone())
    other.rewards[0] += torch.linspace(1, 3, batch.rewards.shape[1]) * batch.mask[0]
    before, after = (estimates(b)[0] - estimates(b, baseline=baseline)[0] for b in (batch, other))
    source = facts("baselines", baseline).source
    assert torch.allclose(before, after) == (source in ("nothing", "value", "others"))
    assert (before == 0).all() == (source == "nothing")


@pytest.mark.parametrize("baseline", part_names("baselines"))
def test_who_is_left_alone_by_a_batch_of_one(baseline):
    """Just those made from the others, by their own words or by a critic's fit."""
    part = read_part("baselines", baseline)
    one = replace(sample(LINE, some_theta(LINE), 1).split()[0], group=torch.zeros(1, dtype=torch.int64))
    if part.facts.source == "others" or "values" in part.asks:
        with pytest.raises(ValueError, match=r"needs at least 2 trajectories in a (batch|group), got 1$"):
            estimates(one, baseline=baseline)
    else:
        estimates(one, baseline=baseline)


@pytest.mark.parametrize("form", part_names("importance"))
def test_weights_are_what_they_say(form):
    """Ratios for each reward, a product of many, or none at all."""
    log_ratios = torch.tensor([[2.0, 3.0, 5.0]], dtype=torch.float64).log()
    known = {
        "log_ratios": log_ratios,
        "log_state_ratios": torch.zeros_like(log_ratios),
        "advantages": -torch.ones_like(log_ratios),  # which no ratio above one is clipped for
        "clip": 0.2,
        "truncation": 100.0,
    }
    part = Part.of(function("importance", form))
    weights = function("importance", form)(**{name: known[name] for name in part.asks})
    said = facts("importance", form)
    assert (weights.on_rewards is not None) == said.per_reward
    assert (weights.on_score == 0).all() == (said.corrects == ())
    product = weights.on_score[0, -1] if weights.on_rewards is None else weights.on_rewards.sum()
    assert (product.exp().item() > 29) == said.product  # 2 · 3 · 5, or 5 at most
