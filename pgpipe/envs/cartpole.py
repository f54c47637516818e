"""Gymnasium's CartPole-v1, many at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgpipe.envs.batched import Flags, Floats
from pgpipe.envs.time_limited import TimeLimitedVectorEnv


class CartPoleVectorEnv(TimeLimitedVectorEnv):
    """Keep a pole upright on a cart: one for every step until it falls or the cart leaves the track.

    | space       | shape, range  | meaning                                    |
    |-------------|---------------|--------------------------------------------|
    | observation | (4,), float32 | place x, speed x', angle θ, turning θ'     |
    | action      | {0, 1}        | a push of 10 N to the left, to the right   |

    Arguments as Gymnasium's: with `sutton_barto_reward` a step pays 0, and -1 if the pole falls.
    """

    id = "CartPole-v1"

    def start(self, n: int) -> Floats:
        """Nearly upright and nearly at rest."""
        return self.np_random.uniform(-0.05, 0.05, size=(4, n))

    def move(self, actions: NDArray[Any]) -> tuple[Floats, Flags]:
        """One step of `tau` by Euler's rule, all four numbers from where they were.

            θ'' = (g sin θ - u cos θ) / (l (4/3 - m cos²θ / M)),   x'' = u - m l θ'' cos θ / M

        with u = (F + m l θ'² sin θ) / M, the pole's mass m and half length l, and M both masses.
        """
        cart, (_, x_dot, theta, theta_dot) = self.single, self.state
        cos, sin = np.cos(theta), np.sin(theta)
        u = cart.polemass_length / cart.total_mass * theta_dot * theta_dot * sin
        u += (2 * cart.force_mag * actions - cart.force_mag) / cart.total_mass
        bend = cart.length * (4 / 3 - cart.masspole / cart.total_mass * cos * cos)
        theta_acc = (cart.gravity * sin - u * cos) / bend
        change = np.empty_like(self.state)
        change[0], change[2], change[3] = x_dot, theta_dot, theta_acc
        change[1] = u - cart.polemass_length / cart.total_mass * theta_acc * cos
        self.state = self.state + cart.tau * change
        fallen = np.abs(self.state[0]) > cart.x_threshold
        fallen |= np.abs(self.state[2]) > cart.theta_threshold_radians
        return (-1.0 * fallen if cart._sutton_barto_reward else np.ones(self.num_envs)), fallen

    def observe(self) -> NDArray[np.float32]:
        """(x, x', θ, θ')."""
        return self.state.T.astype(np.float32)
