"""A policy over two actions by state, and the score of each action (F12)."""

from collections.abc import Mapping

import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from pgpipe.envs.quantities import action_names, observation_names
from pgpipe.envs.spec import SampledSpec
from pgpipe.lecture.common.placing import placed
from pgpipe.policies.policy import Policy
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches

# The part of the states seen in rollouts that a sweep goes through, by each number of the state.
SEEN = (0.01, 0.99)


class TwoActionsSpec(SampledSpec):
    """How many episodes tell the range of the states, and how many values of each number are shown."""

    episodes: int
    points: int


def map_two_actions(
    spec: TwoActionsSpec, policies: Mapping[str, Tensor], stages: pd.DataFrame
) -> pd.DataFrame:
    """The probabilities and scores of two actions by state, at the last stage of training."""
    environment, stage = spec["environment"], stages["policy"].iloc[-1]
    policy, theta = policy_for(environment), policies[stage]
    (batch,) = sample_batches(environment, theta, spec["seed"], ("two_actions", stage), 1, spec["episodes"])
    table = sweep(policy, theta, batch.obs[batch.mask], spec["points"], environment["id"])
    return placed(table, {"environment": environment["name"], "policy": stage})


def sweep(policy: Policy, theta: Tensor, obs: Tensor, points: int, id: str) -> pd.DataFrame:
    """Probability and score of both actions along each number of the state, the others at their mean.

    theta (P,); obs (S, D) are the states seen in rollouts.
    """
    low, high = torch.quantile(obs, torch.tensor(SEEN, dtype=obs.dtype), dim=0)
    tables = []
    for place, quantity in enumerate(observation_names(id, obs.shape[-1])):
        values = torch.linspace(float(low[place]), float(high[place]), points, dtype=obs.dtype)
        states = obs.mean(0).repeat(points, 1)
        states[:, place] = values
        for name, sign in zip(action_names(id), (-1, 1), strict=True):
            score, probability = scores(policy, theta, states, sign)
            columns = {"quantity": quantity, "value": values, "action": name}
            tables.append(pd.DataFrame(columns | {"probability": probability, "score": score}))
    return pd.concat(tables)


def scores(policy: Policy, theta: Tensor, states: Tensor, sign: int) -> tuple[Tensor, Tensor]:
    """∂ log π(a|s) / ∂z and π(a|s), z the second action's logit minus the first's.

    states (S, D) -> (S,), (S,). `sign` is 1 for the second action and -1 for the first:
    log π(a|s) = log sigmoid(± z).
    """
    first, second = (
        policy.log_prob(theta, states, torch.full(states.shape[:1], action)) for action in (0, 1)
    )
    z = (second - first).detach().requires_grad_()
    log_prob = logsigmoid(sign * z)
    return torch.autograd.grad(log_prob.sum(), z)[0], log_prob.detach().exp()
