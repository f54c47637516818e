"""Every environment of a run in a line, and episodes of its untrained policy (F13)."""

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
import pandas as pd
from torch import Tensor

from pgpipe.envs import BATCHED
from pgpipe.envs.finite_horizon import FiniteHorizonVectorEnv
from pgpipe.envs.parallel import make_rows
from pgpipe.envs.poses import POSES
from pgpipe.envs.single import arguments, close, make
from pgpipe.envs.spec import EnvironmentSpec, SampledSpec
from pgpipe.envs.words import WORDS, Words, acted, in_words, names_of_actions, observed, shown
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories

# Episodes that are shown where one step is all, and elsewhere; states of all together, and of one.
GUESSES, EPISODES = 40, 12
STATES, STATES_OF_ONE = 160, 61
DIGITS = 5  # a picture shows no more


class ProblemSpec(SampledSpec):
    """Whether the exact J and ∇J of the environment are known."""

    exact: bool


def describe_problem(spec: ProblemSpec) -> dict[str, pd.DataFrame]:
    """`problems`: the environment in a line; `problem_traces`: episodes of its untrained policy."""
    environment = spec["environment"]
    rows = make_rows(environment, 1)
    rows.close()
    space, words = _seen(environment, rows.single_observation_space)
    batch = untrained_episodes(spec, GUESSES if rows.longest == 1 else EPISODES)
    quantity, traced = traces(environment["id"], space, batch)
    parameters = policy_for(environment).n_parameters
    line = {**describe(environment, words, space, rows.single_action_space), **length(rows)}
    line |= {"gamma": environment["gamma"], "policy_kind": environment["policy"]["kind"]}
    line |= {"parameters": parameters, "exact": spec["exact"], "traced": quantity}
    traced.insert(0, "environment", environment["name"])
    return {"problems": pd.DataFrame([line]), "problem_traces": traced}


def _seen(environment: EnvironmentSpec, flat: gymnasium.Space[Any]) -> tuple[gymnasium.Space[Any], Words]:
    """What is observed, as it is before it is made flat, and what is known of the environment."""
    if environment["id"] in BATCHED:
        return flat, WORDS[environment["id"]]
    env = make(environment["id"], arguments(environment))
    space, words = env.observation_space, in_words(environment["id"], env)
    close(env)
    return space, words


def describe(
    environment: EnvironmentSpec, words: Words, space: gymnasium.Space[Any], actions: gymnasium.Space[Any]
) -> dict[str, Any]:
    """What is to be done, seen, done and paid."""
    return {
        "environment": environment["name"],
        "id": environment["id"],
        "task": words.task,
        "reward": words.reward,
        "observation": observed(environment["id"], space),
        "action": acted(environment["id"], actions),
        "settings": ", ".join(f"{name} {value}" for name, value in environment["kwargs"].items()),
    }


def length(rows: Any) -> dict[str, Any]:
    """How long an episode may be, and what ends it then."""
    own_horizon = isinstance(rows, FiniteHorizonVectorEnv)
    end = "horizon" if own_horizon else "time limit" if rows.longest else ""
    return {"longest": rows.longest, "end": end}


def untrained_episodes(spec: SampledSpec, n: int) -> Trajectories:
    """Episodes (N, T) of the policy that seed 0 of every recipe starts from; of a slow environment, one."""
    environment, seed = spec["environment"], spec["seed"]
    theta = policy_for(environment).initial(stream(seed, environment["name"], "initial", 0))
    n = n if environment["id"] in BATCHED else 1
    (batches,) = sample_batches(environment, theta, seed, ("problems",), 1, n)
    return batches.split()[0]


def traces(id: str, space: gymnasium.Space[Any], batch: Trajectories) -> tuple[str, pd.DataFrame]:
    """What `value` is, and a row for each state of whole episodes, the first ones that there is room for.

    Of a long episode states are left out, at equal distances; of a body one episode says enough. The last
    state has no action.
    """
    tables: list[pd.DataFrame] = []
    discrete = batch.actions.ndim == 2
    names = names_of_actions(id, int(batch.actions.max()) + 1) if discrete else ()
    quantity = ""
    for episode, T in enumerate(batch.lengths.tolist()):
        steps = np.unique(np.linspace(0, T, min(T + 1, STATES_OF_ONE)).round().astype(int))
        if tables and (id in POSES or sum(map(len, tables)) + len(steps) > STATES):
            break
        obs = batch.all_obs[episode, : T + 1]
        quantity, values = shown(id, space, obs)
        actions = batch.actions[episode, :T].reshape(T, -1)[:, 0]
        paid = batch.rewards[episode, :T].double().cumsum(0)
        columns = {
            "value": _short(values),
            "action": [*_short(actions), None],
            "action_name": [*(names[number] for number in actions), None] if discrete else None,
            "paid": [0.0, *_short(paid)],
            **_pose(id, obs),
        }
        table = pd.DataFrame(columns, index=range(T + 1)).iloc[steps]
        tables.append(table.rename_axis("step").reset_index().assign(episode=episode))
    return quantity, pd.concat(tables)[["episode", *tables[0].columns.drop("episode")]]


def _pose(id: str, obs: Tensor) -> dict[str, Sequence[float] | None]:
    """A body's joint and tip; nothing where there is none."""
    joint, tip = POSES[id](obs) if id in POSES else (None, None)
    return {
        f"{name}_{axis}": None if place is None else _short(place[:, i])
        for name, place in (("joint", joint), ("tip", tip))
        for i, axis in enumerate("xy")
    }


def _short(numbers: Tensor) -> list[float]:
    """Without the digits that nobody sees."""
    return [float(f"{number:.{DIGITS}g}") for number in numbers.tolist()]
