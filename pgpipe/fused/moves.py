"""One step of an environment of Gymnasium's, of one row, as its batched form in `pgpipe/envs` has it.

`state` (W, d) is in double precision, `constants` is what the environment's object says. A step writes the
next state and returns (reward, arrived).
"""

from math import pi
from typing import Any

import numpy as np

from pgpipe.fused.compiled import compiled, inlined
from pgpipe.fused.environments import ACROBOT, CARTPOLE, GRID, PENDULUM, PROMPTS
from pgpipe.fused.functions import sin_cos
from pgpipe.fused.problems import cell, move_prompts


@inlined
def clipped(x, low, high):
    """What is no number stays none."""
    x = low if x < low else x
    return high if x > high else x


@inlined
def move_cartpole(state, row, action, constants):
    """Euler's rule: `CartPoleVectorEnv.move` has the formula."""
    gravity, length, pole, mass = constants[0], constants[1], constants[2], constants[3]
    pole_length = constants[4]
    force, tau, far, tilted, by_fall = constants[5], constants[6], constants[7], constants[8], constants[9]
    x, x_dot, theta, theta_dot = state[row, 0], state[row, 1], state[row, 2], state[row, 3]
    sin, cos = sin_cos(theta)
    u = pole_length / mass * theta_dot * theta_dot * sin + (2 * force * action - force) / mass
    bend = (gravity * sin - u * cos) / (length * (4 / 3 - pole / mass * cos * cos))
    x, theta = x + tau * x_dot, theta + tau * theta_dot
    state[row, 0], state[row, 2] = x, theta
    state[row, 1] = x_dot + tau * (u - pole_length / mass * bend * cos)
    state[row, 3] = theta_dot + tau * bend
    fallen = (abs(x) > far) | (abs(theta) > tilted)
    return (-1.0 * fallen if by_fall else 1.0), fallen


@compiled
def _bend(theta_1, theta_2, speed_1, speed_2, torque, constants):
    """(θ₁'', θ₂'') by the equations in `acrobot.derivative`."""
    gravity, m1, m2, l1 = constants[3], constants[4], constants[5], constants[6]
    c1, c2, inertia_1, inertia_2 = constants[7], constants[8], constants[9], constants[10]
    coupling = constants[11]
    sin_1, _ = sin_cos(theta_1)
    sin_2, cos_2 = sin_cos(theta_2)
    sin_both, _ = sin_cos(theta_1 + theta_2)
    h_cos, h_sin = coupling * cos_2, coupling * sin_2
    d2 = inertia_2 + h_cos
    d1 = inertia_1 + d2 + h_cos
    phi_2 = m2 * c2 * gravity * sin_both
    phi_1 = (m1 * c1 + m2 * l1) * gravity * sin_1 + phi_2 - h_sin * speed_2 * (speed_2 + 2 * speed_1)
    ratio = d2 / d1
    second = (torque + ratio * phi_1 - h_sin * speed_1 * speed_1 - phi_2) / (inertia_2 - ratio * d2)
    return -ratio * second - phi_1 / d1, second


@inlined
def move_acrobot(state, row, action, constants):
    """A Runge-Kutta step: `AcrobotVectorEnv.move`."""
    dt, torque = constants[0], action - 1.0
    a, b, c, d = state[row, 0], state[row, 1], state[row, 2], state[row, 3]
    # slopes k₁ to k₄ of the speeds; those of the angles are the speeds themselves
    p1, q1 = _bend(a, b, c, d, torque, constants)
    c2, d2 = c + dt / 2 * p1, d + dt / 2 * q1
    p2, q2 = _bend(a + dt / 2 * c, b + dt / 2 * d, c2, d2, torque, constants)
    c3, d3 = c + dt / 2 * p2, d + dt / 2 * q2
    p3, q3 = _bend(a + dt / 2 * c2, b + dt / 2 * d2, c3, d3, torque, constants)
    c4, d4 = c + dt * p3, d + dt * q3
    p4, q4 = _bend(a + dt * c3, b + dt * d3, c4, d4, torque, constants)
    a += dt / 6 * (c + 2 * (c2 + c3) + c4)
    b += dt / 6 * (d + 2 * (d2 + d3) + d4)
    c += dt / 6 * (p1 + 2 * (p2 + p3) + p4)
    d += dt / 6 * (q1 + 2 * (q2 + q3) + q4)
    a -= 2 * pi * np.rint(a / (2 * pi))
    b -= 2 * pi * np.rint(b / (2 * pi))
    state[row, 0], state[row, 1] = a, b
    state[row, 2] = clipped(c, -constants[1], constants[1])
    state[row, 3] = clipped(d, -constants[2], constants[2])
    _, cos_1 = sin_cos(a)
    _, cos_both = sin_cos(a + b)
    arrived = -cos_1 - cos_both > 1
    return arrived - 1.0, arrived


@inlined
def move_pendulum(state, row, action, constants):
    """The speed first, then the angle by it: `PendulumVectorEnv.move`."""
    g, m, length, dt = constants[0], constants[1], constants[2], constants[3]
    most, fastest = constants[4], constants[5]
    theta, speed = state[row, 0], state[row, 1]
    u = clipped(action, -most, most)
    from_upright = (theta + pi) % (2 * pi) - pi
    cost = from_upright * from_upright + 0.1 * speed * speed + 0.001 * u * u
    sin, _ = sin_cos(theta)
    speed = clipped(
        speed + (3 * g / (2 * length) * sin + 3 / (m * length * length) * u) * dt, -fastest, fastest
    )
    state[row, 0], state[row, 1] = theta + speed * dt, speed
    return -cost, False


@inlined
def move_car(state, row, action, constants):
    """In single precision, as Gymnasium's: `MountainCarContinuousVectorEnv.move`."""
    place, speed = np.float32(state[row, 0]), np.float32(state[row, 1])
    force = np.float32(clipped(action, constants[0], constants[1]))
    fastest, left, right = np.float32(constants[3]), np.float32(constants[4]), np.float32(constants[5])
    _, cos = sin_cos(np.float64(np.float32(3) * place))
    push = np.float32(force * np.float32(constants[2])) - np.float32(constants[8] * cos)
    speed = clipped(np.float32(speed + push), -fastest, fastest)
    place = clipped(np.float32(place + speed), left, right)
    speed = np.float32(0) if (place <= left) & (speed < 0) else speed
    state[row, 0], state[row, 1] = place, speed
    arrived = (place >= np.float32(constants[6])) & (speed >= np.float32(constants[7]))
    return constants[9] * arrived - constants[10] * action * action, arrived


@compiled
def observe(kind, constants, state, running, n, seen):
    """Write what is seen of n rows to the first n of seen (·, D), in single precision."""
    for i in range(n):
        row, s = running[i], seen[i]
        if kind == ACROBOT:
            s[1], s[0] = sin_cos(state[row, 0])
            s[3], s[2] = sin_cos(state[row, 1])
            s[4], s[5] = state[row, 2], state[row, 3]
        elif kind == PENDULUM:
            s[1], s[0] = sin_cos(state[row, 0])
            s[2] = state[row, 1]
        elif kind in (PROMPTS, GRID):
            s[:] = 0
            s[cell(kind, state, row, constants)] = 1
        else:  # the state itself
            for d in range(state.shape[1]):
                s[d] = state[row, d]


def _every(step: Any) -> Any:
    """One step of n rows by their actions (n,): rewards and who has arrived, (n,)."""

    @compiled
    def every(state, running, n, actions, constants, rewards, arrived):
        for i in range(n):
            rewards[i], arrived[i] = step(state, running[i], actions[i], constants)

    return every


move_cartpoles, move_acrobots = _every(move_cartpole), _every(move_acrobot)
move_pendulums, move_cars = _every(move_pendulum), _every(move_car)


@compiled
def move(kind, state, clock, running, n, actions, constants, rewards, arrived):
    """By the environment's number."""
    if kind == CARTPOLE:
        move_cartpoles(state, running, n, actions, constants, rewards, arrived)
    elif kind == ACROBOT:
        move_acrobots(state, running, n, actions, constants, rewards, arrived)
    elif kind == PENDULUM:
        move_pendulums(state, running, n, actions, constants, rewards, arrived)
    elif kind == PROMPTS:
        move_prompts(state, clock, running, n, actions, constants, rewards, arrived)
    else:
        move_cars(state, running, n, actions, constants, rewards, arrived)
