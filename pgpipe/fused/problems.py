"""One step of pgpipe's own problems, whose states are whole numbers, as `pgpipe/envs` has them."""

from pgpipe.fused.compiled import compiled, inlined
from pgpipe.fused.environments import GRID


@inlined
def cell(kind, state, row, constants):
    """The number of a state, where its one-hot code has the one: of a room's cell, or of prompt and sum."""
    return int(state[row, 0] if kind == GRID else state[row, 0] * constants[0] + state[row, 1])


@compiled
def move_walkers(state, running, n, rows, actions, constants, generator, rewards, arrived):
    """`GridVectorEnv.move`, which draws for all rows, whether they run or not."""
    size, slip, goal = int(constants[0]), constants[1], int(constants[2])
    u = [generator.random() for _ in range(rows)]
    made = generator.integers(0, 4, rows)
    for i in range(n):
        row = running[i]
        to, at = made[row] if u[row] < slip else int(actions[i]), int(state[row, 0])
        # up, right, down, left
        down = at // size + (to == 2) - (to == 0)
        right = at % size + (to == 1) - (to == 3)
        at = min(max(down, 0), size - 1) * size + min(max(right, 0), size - 1)
        state[row, 0], rewards[i], arrived[i] = at, at == goal, at == goal


@compiled
def move_prompts(state, clock, running, n, actions, constants, rewards, arrived):
    """`PromptsVectorEnv.move`: what was written is judged with a stop or the last step."""
    most, limit, partial = constants[0] - 1, constants[1], constants[2]
    for i in range(n):
        row = running[i]
        total, target = min(state[row, 1] + actions[i], most), constants[3 + int(state[row, 0])]
        state[row, 1], rewards[i], arrived[i] = total, 0, actions[i] == 0
        if arrived[i] or clock[row] + 1 >= limit:
            near = max(0.0, 1 - abs(total - target) / target)
            rewards[i] = near if partial else total == target
