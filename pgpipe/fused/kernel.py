"""An agent's rows, step after step, in one compiled loop: see, compute, choose, move, end and start.

What `pgpipe.rollout` does for all agents with an array at a time is done here for one. Rows that run no episode are
left out, and steps are written one behind the other.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pgpipe.fused.compiled import compiled, inlined
from pgpipe.fused.functions import exponentials
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

    tape: NDArray[
        np.float32
    ]  # (·, step): the inputs of every layer, the first of which is the observation; the output
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


@compiled
def _act(choices, place, sigma, steps, first, n, running, noise, scratch):  # type: ignore[no-untyped-def]
    """Choose the action at which the cumulated probability passes u, or f + σ ε, of n rows' steps from `first` on."""
    actions, powers = scratch.actions, scratch.powers
    if choices:
        exponentials(steps.tape[first:], place, choices, n, powers)
        for i in range(n):
            total, below, chosen = np.float32(0), np.float32(0), 0
            for j in range(choices):
                total += powers[0, j, i]
            for j in range(choices - 1):
                below += powers[0, j, i]
                chosen += noise[running[i], 0] * total > below
            steps.choices[first + i] = actions[i] = chosen
        return
    for i in range(n):
        for e in range(len(sigma)):
            steps.numbers[first + i, e] = steps.tape[first + i, place + e] + sigma[e] * noise[running[i], e]
        actions[i] = steps.numbers[first + i, 0]


class Scratch(NamedTuple):
    """What one time step computes, a number for each row that runs."""

    actions: NDArray[np.float64]
    rewards: NDArray[np.float64]
    arrived: NDArray[np.bool_]
    powers: NDArray[np.float32]  # (2, n, ·)


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
def run(rule, constants, layers, weights, sigma, steps, episodes, noise, scratch, at):  # type: ignore[no-untyped-def]
    """As many time steps as there is noise for, (B, W, ·), or until no row has an episode left."""
    kind, rows, limit, enough = rule[KIND], rule[ROWS], rule[LIMIT], rule[STEPS]
    running, state = episodes.running, episodes.state
    for b in range(len(noise)):
        n, first = at[RUNNING], at[WRITTEN]
        if n == 0:
            return
        observe(kind, state, running, n, steps.tape[first:])
        forward(layers, weights, steps.tape[first:], n)
        _act(rule[CHOICES], layers[-1, TO], sigma, steps, first, n, running, noise[b], scratch)
        move(kind, state, running, n, scratch.actions, constants, scratch.rewards, scratch.arrived)
        at[TIME] += 1
        at[WRITTEN] += n
        left = 0
        for i in range(n):
            s, row = first + i, running[i]
            number = episodes.number[row]
            steps.episode[s], steps.when[s] = number, episodes.clock[row]
            steps.rewards[s] = scratch.rewards[i]
            episodes.clock[row] += 1
            running[left] = row
            left += 1
            if not scratch.arrived[i] and episodes.clock[row] < limit:
                continue
            episodes.length[number] = episodes.clock[row]
            episodes.terminated[number], episodes.truncated[number] = (
                scratch.arrived[i],
                not scratch.arrived[i],
            )
            observe(kind, state, running[left - 1 : left], 1, episodes.final_obs[number : number + 1])
            if at[TIME] * rows < enough:
                _begin(episodes, row, at[STARTED])
                at[STARTED] += 1
            else:
                left -= 1
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
