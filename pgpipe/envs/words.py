"""Environments in words, for readers: what each asks for and pays, what a policy sees there and does."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import gymnasium
from gymnasium.spaces import Box, Discrete
from torch import Tensor

from pgpipe.envs.quantities import (
    ACTION_NAMES,
    OBSERVATIONS,
    STATES,
    action_names,
    action_number,
    traced,
)


class Words(NamedTuple):
    """What to do, what a step pays, and, where the numbers have no names, what is observed."""

    task: str
    reward: str
    observed: str = ""


ONE_STATE = "nothing, as there is one state"
WORDS = {
    "pgpipe/Line-v0": Words("Walk to 0 and stay there", "-s² - a² for the place s and the move a"),
    "pgpipe/Grid-v0": Words(
        "Find the last corner of a room", "1 if it enters the corner, which ends the episode"
    ),
    "pgpipe/Bandit-v0": Words(
        "Guess a number, once", "minus the squared distance of the guess a to the number", ONE_STATE
    ),
    "pgpipe/Chain-v0": Words(
        "Go on, or stop", "1 for going on and 0 for stopping, which ends the episode", ONE_STATE
    ),
    "pgpipe/Coin-v0": Words(
        "Two steps and a hidden coin", "the coin, ±1, at first, then the action minus the coin", ONE_STATE
    ),
    "pgpipe/Prompts-v0": Words(
        "Write numbers that add up to the one asked for, and stop",
        "0, except the last one: 1 for a right sum",
        "the number asked for and the sum so far",
    ),
    "CartPole-v1": Words("Keep a pole upright on a cart", "1, until the pole falls"),
    "Acrobot-v1": Words(
        "Swing the tip one link above the pivot", "-1, until the tip is there",
        "cosine and sine of both links' angles, and their speeds",
    ),
    "Pendulum-v1": Words(
        "Swing a pendulum up and hold it",
        "-(θ² + 0.1 θ'² + 0.001 u²) for the angle θ from upright, its speed θ' and the torque u",
    ),
    "MountainCarContinuous-v0": Words(
        "Drive out of a valley with a weak motor",
        "-0.1 a² for the force a, and 100 more on top of the right hill",
    ),
}  # fmt: skip
MORE_ACTIONS = {"Acrobot-v1": ("-1 N m", "0 N m", "1 N m"), "pgpipe/Coin-v0": ("0", "1")}


def in_words(id: str, env: gymnasium.Env[Any, Any]) -> Words:
    """Those of an environment that has some, else the first sentence of its own docstring, and no more."""
    if id in WORDS:
        return WORDS[id]
    lines = [line.strip() for line in (type(env.unwrapped).__doc__ or "").splitlines()]
    # Gymnasium's docstrings begin with a heading
    text = " ".join(line for line in lines if not line.startswith("#")).strip()
    sentence = text.partition(". ")[0].removesuffix(".")
    return Words(sentence if len(sentence) < 200 else "", "")


def observed(id: str, space: gymnasium.Space[Any]) -> str:
    """What a policy sees, of an environment's own space."""
    if isinstance(space, Discrete):
        return f"the state, one of {space.n}"
    n = (space.shape or (1,))[0]
    if id in STATES:
        return f"the {STATES[id]}, one of {n}"
    if id in WORDS and WORDS[id].observed:
        return WORDS[id].observed
    return ", ".join(OBSERVATIONS[id]) if id in OBSERVATIONS else _numbers(n)


def acted(id: str, space: gymnasium.Space[Any]) -> str:
    """What a policy does."""
    if isinstance(space, Discrete):
        known = id in ACTION_NAMES or id in MORE_ACTIONS
        return _either(names_of_actions(id, int(space.n))) if known else f"one of {space.n} actions"
    n = (space.shape or (1,))[0]
    what = f"the {action_number(id)}" if n == 1 else _numbers(n)
    if (
        isinstance(space, Box)
        and space.is_bounded()
        and len({*space.low.flat}) == len({*space.high.flat}) == 1
    ):
        return f"{what}, from {space.low.flat[0]:g} to {space.high.flat[0]:g}"
    return what


def names_of_actions(id: str, n_actions: int) -> Sequence[str]:
    """The names of discrete actions."""
    return MORE_ACTIONS.get(id) or action_names(id, n_actions)


def shown(id: str, space: gymnasium.Space[Any], obs: Tensor) -> tuple[str, Tensor]:
    """One number that shows over time how an episode goes, and its name.  (T, D) -> (T,)."""
    if id in STATES or isinstance(space, Discrete):
        return STATES.get(id, "state"), obs.argmax(-1)
    return traced(id, obs)


def _either(names: Sequence[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _numbers(n: int) -> str:
    return "a number" if n == 1 else f"{n} numbers"
