"""An agent's rows, step after step, in one compiled loop: see, compute, choose, move, end and start.

What `pgpipe.rollout` does for all agents, an array at a time, is done here for one. Rows without an episode
are left out at once, and steps are written one behind the other.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pgpipe.fused.compiled import compiled, inlined
from pgpipe.fused.functions import exponentials
from pgpipe.fused.layout import TO
from pgpipe.fused.moves import move, observe
from pgpipe.fused.network import forward, see

# What a batch is, by place in the rule: the environment's number, choices (0: real numbers), rows of the
# agent, the time limit, the steps that it takes (0: an episode in every row), and after how many time steps
# rows are left out that it does not need; then whether the tape is kept, not written over step by step, and
# whether the time limit belongs to the problem, so that its end is terminated.
KIND, CHOICES, ROWS, LIMIT, STEPS, TIDY, KEPT, FINITE = range(8)
# What is remembered between two calls: time steps done, steps written, rows that run, episodes started.
TIME, WRITTEN, RUNNING, STARTED = range(4)


class Steps(NamedTuple):
    """An agent's steps, in the order in which they were taken."""

    obs: NDArray[np.float32]  # (·, D)
    choices: NDArray[np.int64]  # (·,) the action, where it is a choice
    numbers: NDArray[np.float32]  # (·, E) and where it is not
    rewards: NDArray[np.float64]
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
    running: NDArray[np.int64]  # (W,), of which so many as run name a row, in the rows' order


class Scratch(NamedTuple):
    """What one time step computes, for each row that runs."""

    actions: NDArray[np.float64]
    rewards: NDArray[np.float64]
    arrived: NDArray[np.bool_]
    powers: NDArray[np.float32]  # (2, n, W)


@compiled
def begin(episodes, rule, at):
    """The first episode of every row."""
    for row in range(rule[ROWS]):
        _begin(episodes, row, row)
        episodes.running[row] = row
    at[TIME], at[WRITTEN], at[RUNNING], at[STARTED] = 0, 0, rule[ROWS], rule[ROWS]


@inlined
def _begin(episodes, row, number):
    for d in range(episodes.starts.shape[1]):
        episodes.state[row, d] = episodes.starts[number, d]
    episodes.number[row], episodes.clock[row] = number, 0


@compiled
def run(rule, constants, layers, weights, sigma, steps, tape, episodes, noise, scratch, at):
    """As many time steps as there is noise for, (B, W, ·), or until no row has an episode left.

    Or until episodes that the next step may start have no start state.

    tape (·, step): of each step the inputs of all layers, the observation first, and the output.
    """
    running = episodes.running
    for b in range(len(noise)):
        n, first = at[RUNNING], at[WRITTEN]
        if n == 0 or (at[TIME] * rule[ROWS] < rule[STEPS] and at[STARTED] + n > len(episodes.starts)):
            return
        now = tape[first if rule[KEPT] else 0 :]
        observe(rule[KIND], constants, episodes.state, running, n, steps.obs[first:])
        see(steps.obs[first:], now, n)
        forward(layers, weights, now, n)
        act(rule[CHOICES], layers[-1, TO], sigma, now, steps, first, n, running, noise[b], scratch)
        move(
            rule[KIND], episodes.state, episodes.clock, running, n, scratch.actions, constants,
            scratch.rewards, scratch.arrived,
        )  # fmt: skip
        finish(rule, constants, steps, episodes, first, n, scratch, at)


@compiled
def finish(rule, constants, steps, episodes, first, n, scratch, at):
    """What is left to do of a time step: write it down, end and start episodes, leave out rows."""
    at[TIME] += 1
    at[WRITTEN] += n
    _end(rule, constants, steps, episodes, first, n, scratch, at)
    enough = rule[STEPS]
    if enough and at[TIME] * rule[ROWS] >= enough and at[TIME] % rule[TIDY] == 0:
        _leave_out(episodes, enough, at)


@compiled
def act(choices, place, sigma, tape, steps, first, n, running, noise, scratch):
    """Of n steps: the action at which the cumulated probability passes u, or f + σ ε."""
    actions, powers = scratch.actions, scratch.powers
    if choices:
        exponentials(tape, place, choices, n, powers)
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
            steps.numbers[first + i, e] = tape[i, place + e] + sigma[e] * noise[running[i], e]
        actions[i] = steps.numbers[first + i, 0]


@compiled
def _end(rule, constants, steps, episodes, first, n, scratch, at):
    """Write down whose the n steps are; end episodes that are over, start others where they may be needed."""
    running, left = episodes.running, 0
    for i in range(n):
        s, row = first + i, running[i]
        number = episodes.number[row]
        steps.episode[s], steps.when[s], steps.rewards[s] = number, episodes.clock[row], scratch.rewards[i]
        episodes.clock[row] += 1
        running[left] = row
        left += 1
        if not scratch.arrived[i] and episodes.clock[row] < rule[LIMIT]:
            continue
        episodes.length[number] = episodes.clock[row]
        terminated = scratch.arrived[i] or rule[FINITE]
        episodes.terminated[number], episodes.truncated[number] = terminated, not terminated
        observe(
            rule[KIND], constants, episodes.state, running[left - 1 : left], 1,
            episodes.final_obs[number : number + 1],
        )  # fmt: skip
        if at[TIME] * rule[ROWS] < rule[STEPS]:
            _begin(episodes, row, at[STARTED])
            at[STARTED] += 1
        else:
            left -= 1
    at[RUNNING] = left


@compiled
def _leave_out(episodes, steps, at):
    """Rows whose episode started after enough others."""
    for row in episodes.running[: at[RUNNING]]:
        episodes.length[episodes.number[row]] = episodes.clock[row]  # so far
    done = needed = left = 0
    while needed < at[STARTED] and done < steps:
        done += episodes.length[needed]
        needed += 1
    for row in episodes.running[: at[RUNNING]]:
        if episodes.number[row] < needed:
            episodes.running[left] = row
            left += 1
    at[RUNNING] = left


@compiled
def lay_out(steps, written, n, obs, choices, numbers, rewards, mask):
    """Put the steps of the first n episodes in their places, (N, T, ·), which hold zeros."""
    for s in range(written):
        i, t = steps.episode[s], steps.when[s]
        if i >= n:
            continue
        for d in range(obs.shape[2]):
            obs[i, t, d] = steps.obs[s, d]
        if choices.shape[0]:
            choices[i, t] = steps.choices[s]
        for e in range(numbers.shape[2]):
            numbers[i, t, e] = steps.numbers[s, e]
        rewards[i, t], mask[i, t] = steps.rewards[s], True
