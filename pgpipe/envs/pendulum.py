"""Gymnasium's Pendulum-v1, many at once."""

from typing import Any

import numpy as np
from gymnasium.envs.classic_control.pendulum import DEFAULT_X, DEFAULT_Y, angle_normalize
from numpy.typing import NDArray

from pgpipe.envs.batched import Flags, Floats
from pgpipe.envs.time_limited import TimeLimitedVectorEnv


class PendulumVectorEnv(TimeLimitedVectorEnv):
    """θ'' = 3g/(2l) sin θ + 3/(ml²) u,  r = -(θ² + 0.1 θ'² + 0.001 u²),  θ = 0 upright.

    | space       | shape, range           | meaning                                          |
    |-------------|------------------------|--------------------------------------------------|
    | observation | (3,), float32          | cos θ, sin θ, θ'                                 |
    | action      | (1,), real             | the torque; what lies outside ±2 N m is clipped  |

    Arguments as Gymnasium's: the gravity `g`.
    """

    id = "Pendulum-v1"

    def start(self, n: int) -> Floats:
        """θ ~ U[-π, π), θ' ~ U[-1, 1)."""
        return np.array([[DEFAULT_X], [DEFAULT_Y]]) * self.np_random.uniform(-1, 1, size=(2, n))

    def move(self, actions: NDArray[Any]) -> tuple[Floats, Flags]:
        """The reward is that of the state the step is taken from; speed first, then the angle by it."""
        g, m, l, dt = (getattr(self.single, name) for name in ("g", "m", "l", "dt"))  # noqa: E741
        theta, speed = self.state
        u = np.clip(actions[:, 0], -self.single.max_torque, self.single.max_torque)
        from_upright: Floats = angle_normalize(theta)  # type: ignore[no-untyped-call]
        costs = from_upright**2 + 0.1 * speed**2 + 0.001 * u**2
        speed = speed + (3 * g / (2 * l) * np.sin(theta) + 3 / (m * l**2) * u) * dt
        speed = np.clip(speed, -self.single.max_speed, self.single.max_speed)
        self.state = np.stack([theta + speed * dt, speed])
        return -costs, np.zeros(self.num_envs, dtype=bool)

    def observe(self) -> NDArray[np.float32]:
        """(cos θ, sin θ, θ')."""
        theta, speed = self.state
        return np.stack([np.cos(theta), np.sin(theta), speed], axis=-1, dtype=np.float32)
