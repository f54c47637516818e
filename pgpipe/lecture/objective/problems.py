"""Every environment of a run in a line, and episodes of its untrained policy (F13)."""

from typing import Any

import pandas as pd

from pgpipe.envs import BATCHED
from pgpipe.envs.finite_horizon import FiniteHorizonVectorEnv
from pgpipe.envs.parallel import make_rows
from pgpipe.envs.quantities import action_number
from pgpipe.envs.spec import EnvironmentSpec, SampledSpec
from pgpipe.envs.words import acted, in_words, names_of_actions, observed, shown
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories

# Episodes that are drawn of a batched environment, and steps after which no other one is taken.
EPISODES, STEPS = 12, 200


class ProblemSpec(SampledSpec):
    """Whether the exact J and ∇J of the environment are known."""

    exact: bool


def describe_problem(spec: ProblemSpec) -> dict[str, pd.DataFrame]:
    """`problems`: the environment in a line; `problem_traces`: episodes of its untrained policy."""
    environment = spec["environment"]
    policy, id = policy_for(environment), environment["id"]
    # the policy that seed 0 of every recipe starts from
    theta = policy.initial(stream(spec["seed"], environment["name"], "initial", 0))
    n = EPISODES if id in BATCHED else 1
    (batches,) = sample_batches(environment, theta, spec["seed"], ("problems",), 1, n)
    batch = batches.split()[0]
    line = describe(environment) | {"parameters": policy.n_parameters, "exact": spec["exact"]}
    return {
        "problems": pd.DataFrame([line]),
        "problem_traces": traces(id, batch).assign(environment=environment["name"]),
    }


def describe(environment: EnvironmentSpec) -> dict[str, Any]:
    """What is seen, done and paid, for how long, and what counts later."""
    rows, id = make_rows(environment, 1), environment["id"]
    rows.close()
    single: Any = rows.envs[0] if hasattr(rows, "envs") else rows
    words = in_words(id, single)
    own_horizon = isinstance(rows, FiniteHorizonVectorEnv)
    return {
        "environment": environment["name"],
        "id": id,
        "task": words.task,
        "reward": words.reward,
        "observation": observed(id, rows.single_observation_space),
        "action": acted(id, rows.single_action_space),
        "settings": ", ".join(f"{name} {value}" for name, value in environment["kwargs"].items()),
        "longest": rows.longest,
        "end": "horizon" if own_horizon else "time limit" if rows.longest else "",
        "gamma": environment["gamma"],
        "policy_kind": environment["policy"]["kind"],
    }


def traces(id: str, batch: Trajectories) -> pd.DataFrame:
    """Whole episodes, the first one always, others as long as there is room.  A row for each state.

    An episode's last state has neither action nor reward.
    """
    tables: list[pd.DataFrame] = []
    names = names_of_actions(id, int(batch.actions.max()) + 1) if batch.actions.ndim == 2 else ()
    for episode, length in enumerate(batch.mask.sum(1).tolist()):
        if tables and sum(map(len, tables)) + length > STEPS:
            break
        quantity, values = shown(id, batch.all_obs[episode, : length + 1])
        actions = batch.actions[episode, :length].tolist()
        discrete = batch.actions.ndim == 2
        chosen = actions if discrete else [numbers[0] for numbers in actions]
        columns = {
            "episode": episode,
            "step": range(length + 1),
            "quantity": quantity,
            "value": values.tolist(),
            "action_quantity": "action" if discrete else action_number(id),
            "action": [*chosen, None],
            "action_name": [*(names[number] for number in chosen), None] if discrete else None,
            "reward": [*batch.rewards[episode, :length].tolist(), None],
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables)
