"""An agent's rows, step after step, in one compiled loop: see, compute, choose, move, end and start.

What `pgpipe.rollout` does for all agents with an array at a time is done here for one. Rows that run no episode are
left out, and steps are written one behind the other.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pgpipe.fused.compiled import compiled, inlined
from pgpipe.fused.functions import exp32
from pgpipe.fused.layout import TO
from pgpipe.fused.moves import move, observe
from pgpipe.fused.network import forward

# What is remembered between two calls, by place: the time step, steps written, rows that run, episodes started.
TIME, WRITTEN, RUNNING, STARTED = range(4)
# What an agent's batch is: the environment's number, choices (0: real numbers), rows, the time limit, and the steps
# that it takes (0: one episode in every row); then how often rows are left out that a batch of steps does not need.
KIND, CHOICES, ROWS, LIMIT, STEPS, TIDY = range(6)


class Steps(NamedTuple):
    """An agent's steps, in the order in which they were taken: S of them are written, there is room for more."""

    tape: NDArray[np.float32]  # (·, step): the inputs of every layer, the first of which is the observation; the output
    choices: NDArray[np.int64]  # (·,) the action, where it is a choice
    numbers: NDArray[np.float32]  # (·, E) and where it is not
    rewards: NDArray[np.float32]
    episode: NDArray[np.int32]  # its number, in the order of their start
    when: NDArray[np.int32]  # the step's number in its episode


class Episodes(NamedTuple):
    """An agent's episodes by their number, and the rows that they run in."""

    starts: NDArray[np.float64]  # (E, d)
    length: NDArray[np.int64]  # (E,) in steps, once it is over
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    final_obs: NDArray[np.float32]  # (E, D)
    state: NDArray[np.float64]  # (W, d)
    number: NDArray[np.int64]  # (W,) of the episode
    clock: NDArray[np.int64]  # (W,)
    running: NDArray[np.int64]  # the rows that run one, in their order: the first of these W


@inlined
def _choose(output, n, noise):  # type: ignore[no-untyped-def]
    """The action at which the cumulated probability passes u."""
    most = output[0]
    for j in range(1, n):
        most = output[j] if output[j] > most else most
    total = np.float32(0)
    for j in range(n):
        total += exp32(output[j] - most)
    below, chosen = np.float32(0), 0
    for j in range(n - 1):
        below += exp32(output[j] - most)
        chosen += noise * total > below
    return chosen


@inlined
def _begin(episodes, row, number):  # type: ignore[no-untyped-def]
    episodes.state[row, : episodes.starts.shape[1]] = episodes.starts[number]
    episodes.number[row], episodes.clock[row] = number, 0


@compiled
def begin(episodes, rule, at):  # type: ignore[no-untyped-def]
    """The first episode of every row."""
    rows = rule[ROWS]
    for row in range(rows):
        _begin(episodes, row, row)
        episodes.running[row] = row
    episodes.length[:] = 0
    at[TIME], at[WRITTEN], at[RUNNING], at[STARTED] = 0, 0, rows, rows


@inlined
def _leave_out(episodes, steps, at):  # type: ignore[no-untyped-def]
    """Rows whose episode started after enough others."""
    done = 0
    for row in episodes.running[: at[RUNNING]]:
        episodes.length[episodes.number[row]] = episodes.clock[row]
    needed = 0
    while needed < at[STARTED] and done < steps:
        done += episodes.length[needed]
        needed += 1
    left = 0
    for row in episodes.running[: at[RUNNING]]:
        if episodes.number[row] < needed:
            episodes.running[left] = row
            left += 1
    at[RUNNING] = left


@compiled
def run(rule, constants, layers, weights, sigma, steps, episodes, noise, at):  # type: ignore[no-untyped-def]
    """As many time steps as there is noise for, (B, W, ·), or until no row has an episode left."""
    kind, choices, rows, limit, enough = rule[KIND], rule[CHOICES], rule[ROWS], rule[LIMIT], rule[STEPS]
    place = layers[-1, TO]
    E, D = sigma.shape[0], episodes.final_obs.shape[1]
    for b in range(len(noise)):
        n, first = at[RUNNING], at[WRITTEN]
        if n == 0:
            return
        for i in range(n):
            observe(kind, episodes.state, episodes.running[i], steps.tape[first + i])
        forward(layers, weights, steps.tape[first:], n)
        at[TIME] += 1
        at[WRITTEN] += n
        left = 0
        for i in range(n):
            s, row = first + i, episodes.running[i]
            output = steps.tape[s, place:]
            if choices:
                action = np.float64(_choose(output, choices, noise[b, row, 0]))
                steps.choices[s] = np.int64(action)
            else:
                for e in range(E):
                    steps.numbers[s, e] = output[e] + sigma[e] * noise[b, row, e]
                action = np.float64(steps.numbers[s, 0])
            number = episodes.number[row]
            steps.episode[s], steps.when[s] = number, episodes.clock[row]
            reward, arrived = move(kind, episodes.state, row, action, constants)
            steps.rewards[s] = reward
            episodes.clock[row] += 1
            if not arrived and episodes.clock[row] < limit:
                episodes.running[left] = row
                left += 1
                continue
            episodes.length[number] = episodes.clock[row]
            episodes.terminated[number], episodes.truncated[number] = arrived, not arrived
            observe(kind, episodes.state, row, episodes.final_obs[number])
            if at[TIME] * rows < enough:
                _begin(episodes, row, at[STARTED])
                at[STARTED] += 1
                episodes.running[left] = row
                left += 1
        at[RUNNING] = left
        if enough and at[TIME] * rows >= enough and at[TIME] % rule[TIDY] == 0:
            _leave_out(episodes, enough, at)


@compiled
def laid_out(steps, at, n, D, obs, actions, numbers, rewards, mask):  # type: ignore[no-untyped-def]
    """The steps of the first n episodes in their places, (N, T, ·), which hold zeros."""
    for s in range(at[WRITTEN]):
        i, t = steps.episode[s], steps.when[s]
        if i >= n:
            continue
        for d in range(D):
            obs[i, t, d] = steps.tape[s, d]
        if actions.shape[0]:
            actions[i, t] = steps.choices[s]
        else:
            for e in range(numbers.shape[2]):
                numbers[i, t, e] = steps.numbers[s, e]
        rewards[i, t] = steps.rewards[s]
        mask[i, t] = True


