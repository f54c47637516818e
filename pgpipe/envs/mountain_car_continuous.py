"""Gymnasium's MountainCarContinuous-v0, many at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgpipe.envs.batched import Flags, Floats
from pgpipe.envs.time_limited import TimeLimitedVectorEnv

GRAVITY = 0.0025  # a local number in Gymnasium's code
ARRIVAL, EFFORT = 100.0, 0.1  # likewise, of the reward


class MountainCarContinuousVectorEnv(TimeLimitedVectorEnv):
    """Out of a valley by a weak motor: r = 100 on the top of the right hill, and -0.1 a² for every step.

    | space       | shape, range           | meaning                                          |
    |-------------|------------------------|--------------------------------------------------|
    | observation | (2,), float32          | place x in [-1.2, 0.6], speed x' in ±0.07        |
    | action      | (1,), real             | the motor; the force is clipped to ±1, the cost is not |

    Arguments as Gymnasium's: the `goal_velocity`.
    """

    id = "MountainCarContinuous-v0"

    def start(self, n: int) -> NDArray[Any]:
        """Near the bottom of the valley, at rest."""
        place = self.np_random.uniform(-0.6, -0.4, size=(1, n))
        return np.concatenate([place, np.zeros_like(place)]).astype(np.float32)

    def move(self, actions: NDArray[Any]) -> tuple[Floats, Flags]:
        """x'' = 0.0015 a - 0.0025 cos 3x: the speed first, then the place by it; the left wall stops the car.

        In single precision, as Gymnasium's.
        """
        car, (place, speed) = self.single, self.state
        force = np.clip(actions[:, 0], car.min_action, car.max_action)
        slope = GRAVITY * np.cos(3 * place, dtype=np.float64)
        push = force.astype(np.float32) * np.float32(car.power) - slope.astype(np.float32)
        speed = np.clip(speed + push, -car.max_speed, car.max_speed)
        place = np.clip(place + speed, car.min_position, car.max_position)
        speed = np.where((place <= car.min_position) & (speed < 0), 0, speed)
        self.state = np.stack([place, speed]).astype(np.float32)
        arrived = (place >= car.goal_position) & (speed >= car.goal_velocity)
        return ARRIVAL * arrived - EFFORT * actions[:, 0].astype(np.float64) ** 2, arrived

    def observe(self) -> NDArray[np.float32]:
        """(x, x')."""
        return self.state.T.copy()
