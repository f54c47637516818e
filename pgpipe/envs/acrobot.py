"""Gymnasium's Acrobot-v1, many at once: two links, a motor in the joint between them."""

from typing import Any

import numpy as np
from gymnasium.envs.classic_control.acrobot import AcrobotEnv
from numpy.typing import NDArray

from pgpipe.envs.batched import Flags, Floats
from pgpipe.envs.time_limited import TimeLimitedVectorEnv

TORQUES = np.array(AcrobotEnv.AVAIL_TORQUE)
FASTEST = np.array([[AcrobotEnv.MAX_VEL_1], [AcrobotEnv.MAX_VEL_2]])

GRAVITY = 9.8  # m/s²; a local number in Gymnasium's code
M1, M2 = AcrobotEnv.LINK_MASS_1, AcrobotEnv.LINK_MASS_2
L1 = AcrobotEnv.LINK_LENGTH_1
C1, C2 = AcrobotEnv.LINK_COM_POS_1, AcrobotEnv.LINK_COM_POS_2  # centres of mass, along the links
# the parts of the inertias that do not change with the posture
INERTIA_1 = M1 * C1**2 + M2 * L1**2 + AcrobotEnv.LINK_MOI
INERTIA_2 = M2 * C2**2 + AcrobotEnv.LINK_MOI
COUPLING = M2 * L1 * C2


class AcrobotVectorEnv(TimeLimitedVectorEnv):
    """Swing the free end one link's length above the fixed one: -1 for every step that does not get there.

    | space       | shape, range  | meaning                                             |
    |-------------|---------------|-----------------------------------------------------|
    | observation | (6,), float32 | cos θ₁, sin θ₁, cos θ₂, sin θ₂, θ₁', θ₂'            |
    | action      | {0, 1, 2}     | torque -1, 0, 1 N m in the joint between the links  |

    θ₁ = 0 hangs down, θ₂ is relative to the first link; the state is (θ₁, θ₂, θ₁', θ₂'), (4, num_envs).
    """

    id = "Acrobot-v1"

    def start(self, n: int) -> Floats:
        """Nearly hanging and nearly at rest."""
        return self.np_random.uniform(-0.1, 0.1, size=(4, n))

    def move(self, actions: NDArray[Any]) -> tuple[Floats, Flags]:
        """One Runge-Kutta step of `dt`; angles are then wrapped to ±π and speeds cut to their bounds."""
        state = runge_kutta(self.state, TORQUES[actions], self.single.dt)
        angles, speeds = state[:2], state[2:]
        angles -= 2 * np.pi * np.rint(angles / (2 * np.pi))
        np.clip(speeds, -FASTEST, FASTEST, out=speeds)
        self.state = state
        arrived = -np.cos(angles[0]) - np.cos(angles[0] + angles[1]) > 1
        return arrived - 1.0, arrived

    def observe(self) -> NDArray[np.float32]:
        """(cos θ₁, sin θ₁, cos θ₂, sin θ₂, θ₁', θ₂')."""
        (cos_1, cos_2), (sin_1, sin_2) = np.cos(self.state[:2]), np.sin(self.state[:2])
        columns = (cos_1, sin_1, cos_2, sin_2, *self.state[2:])
        return np.stack(columns, axis=-1, dtype=np.float32)


def runge_kutta(state: Floats, torque: Floats, dt: float) -> Floats:
    """Fourth order: s + dt/6 (k₁ + 2k₂ + 2k₃ + k₄).  (4, M), (M,) -> (4, M)."""
    k1 = derivative(state, torque)
    k2 = derivative(state + dt / 2 * k1, torque)
    k3 = derivative(state + dt / 2 * k2, torque)
    k4 = derivative(state + dt * k3, torque)
    return state + dt / 6 * (k1 + 2 * (k2 + k3) + k4)


def derivative(state: Floats, torque: Floats) -> Floats:
    """(θ₁', θ₂', θ₁'', θ₂'') by the equations of motion in Sutton and Barto's book.  (4, M), (M,) -> (4, M).

        d₁ θ₁'' + d₂ θ₂'' = -φ₁,   d₂ θ₁'' + i₂ θ₂'' = τ - h θ₁'² sin θ₂ - φ₂

    with h = m₂ l₁ c₂, i₁ = m₁c₁² + m₂l₁² + I, i₂ = m₂c₂² + I, d₂ = i₂ + h cos θ₂, d₁ = i₁ + d₂ + h cos θ₂,
    φ₂ = m₂ c₂ g sin(θ₁+θ₂) and φ₁ = -h θ₂' (θ₂' + 2θ₁') sin θ₂ + (m₁c₁ + m₂l₁) g sin θ₁ + φ₂.
    """
    theta_1, theta_2, speed_1, speed_2 = state
    h_cos, h_sin = COUPLING * np.cos(theta_2), COUPLING * np.sin(theta_2)
    d2 = INERTIA_2 + h_cos
    d1 = INERTIA_1 + d2 + h_cos
    phi_2 = M2 * C2 * GRAVITY * np.sin(theta_1 + theta_2)
    phi_1 = (M1 * C1 + M2 * L1) * GRAVITY * np.sin(theta_1) + phi_2
    phi_1 -= h_sin * speed_2 * (speed_2 + 2 * speed_1)
    ratio = d2 / d1
    change = np.empty_like(state)
    change[:2] = state[2:]
    change[3] = (torque + ratio * phi_1 - h_sin * speed_1**2 - phi_2) / (INERTIA_2 - ratio * d2)
    change[2] = -ratio * change[3] - phi_1 / d1
    return change
