"""Where one gets to by following the gradient, and by following the natural one (F11, C24).

θ' = ∇J and θ' = F⁻¹∇J are followed as differential equations over (k, σ), in three regimes: walks that start
spread out, walks that start at 0, and the average reward of walks that never end.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.oracles import line_average
from pgpipe.oracles.line_field import best_gain, directions, with_start
from pgpipe.policies.spread import parameter_of, slope_of

Floats = NDArray[np.float64]

# σ that counts as used up: where J = -σ² f(k), what is left cannot move k by a thousandth.
SMALLEST = 1e-5
# dk/dt, in units of the vanilla flow, below which k stands still.
STANDSTILL = 1e-9
POINTS = 160  # of a path


class Regime(NamedTuple):
    """What is climbed: J and the two velocities at (k, σ), and where the flows must end."""

    name: str
    start_std: float  # NaN for the average reward
    velocities: Callable[[float, float], tuple[Any, Floats, Floats]]
    best: float  # the k at which every natural flow ends
    stalls: bool  # J = -σ² f(k): the vanilla flow ends where σ is used up, at whatever k that is
    parameterization: str = "sigma"  # by which the vanilla flow moves σ


def regimes(environment: LinearEnvironmentSpec, start_stds: Sequence[float]) -> list[Regime]:
    """One for each spread of the start, and the average reward."""
    found, by = [], environment["policy"].get("parameterization", "sigma")
    for start_std in start_stds:
        line = with_start(environment, start_std)
        still = start_std == 0 and LineVectorEnv(**line["kwargs"]).noise_std == 0
        best = best_gain(line, 1.0 if still else 0.0)
        name = f"start spread {start_std:g}"
        found.append(Regime(name, start_std, partial(directions, line), best, still, by))
    golden = (1 - 5**0.5) / 2  # minus the golden ratio's inverse: f'(k) = 0
    return [*found, Regime("average reward", np.nan, partial(_average, by), golden, True, by)]


def follow_flows(
    environment: LinearEnvironmentSpec, start_stds: Sequence[float], starts: Sequence[tuple[float, float]]
) -> dict[str, pd.DataFrame]:
    """`flows`: every path; `flow_ends`: where it ends and where it must; `flow_levels`: J below them."""
    paths, ends = [], []
    for regime in regimes(environment, start_stds):
        for number, (k, sigma) in enumerate(starts):
            for direction in ("vanilla", "natural"):
                path = flow(regime, direction, k, sigma)
                keys = {"regime": regime.name, "start_std": regime.start_std}
                keys |= {"direction": direction, "start": number}
                paths.append(pd.DataFrame(path, columns=["k", "sigma"]).assign(**keys))
                end = {"start_k": k, "start_sigma": sigma, "k": path[-1, 0], "sigma": path[-1, 1]}
                expected = expected_end(regime, direction, k, sigma)
                ends.append(keys | end | {"expected_k": expected, "best_k": regime.best})
    columns = ["regime", "start_std", "direction", "start", "k", "sigma"]
    levels = pd.concat([_levels(regime, starts) for regime in regimes(environment, start_stds)])
    return {"flows": pd.concat(paths)[columns], "flow_ends": pd.DataFrame(ends), "flow_levels": levels}


def _levels(regime: Regime, starts: Sequence[tuple[float, float]]) -> pd.DataFrame:
    """J over the plane that holds the starts, for contours."""
    highest = 1.1 * max(sigma for _, sigma in starts)
    rows = [
        (regime.name, k, sigma, regime.velocities(k, sigma)[0])
        for k in np.linspace(-1.95, -0.02, 41) for sigma in np.linspace(1e-3, highest, 31)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["regime", "k", "sigma", "objective"])


def flow(regime: Regime, direction: str, k: float, sigma: float) -> Floats:
    """The path from (k, σ) to its end, by points evenly far apart.  -> (POINTS, 2).

    σ always falls, as noise of the action costs in every state. So the path is k as a function of log σ,
    whatever the flow's speed, until σ is used up, and from there k alone, until it stands still.
    """

    def moves(k: float, spread: float) -> Floats:
        _, vanilla, natural = regime.velocities(k, spread)
        return vanilla if direction == "vanilla" else natural

    def by_log_sigma(log_sigma: float, k: Floats) -> Floats:
        spread = np.exp(log_sigma)
        k_dot, sigma_dot = moves(k[0], spread)
        return np.array([k_dot / (sigma_dot / spread)])

    def along_the_bottom(_: float, k: Floats) -> Floats:
        return moves(k[0], SMALLEST)[:1]

    def stands_still(_: float, k: Floats) -> float:
        return abs(along_the_bottom(0, k)[0]) - STANDSTILL

    stands_still.terminal = True  # type: ignore[attr-defined]
    to_the_bottom = (np.log(sigma), np.log(SMALLEST))
    down = solve_ivp(by_log_sigma, to_the_bottom, [k], "Radau", rtol=1e-7, atol=1e-9)
    path = np.stack([down.y[0], np.exp(down.t)], axis=1)
    if not regime.stalls and stands_still(0, path[-1]) > 0:
        along = solve_ivp(along_the_bottom, (0, 1e9), path[-1, :1], "Radau", events=stands_still).y[0]
        path = np.concatenate([path, np.stack([along, np.full_like(along, SMALLEST)], axis=1)])
    reach = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    even = np.linspace(0, reach[-1], POINTS)
    return np.stack([np.interp(even, reach, column) for column in path.T], axis=1)


def expected_end(regime: Regime, direction: str, k: float, sigma: float) -> float:
    """The k at which a flow ends: the best one, or where vanilla's σ is used up.

    Of J = -σ² f(k) the vanilla flow has dk/dσ = σ f'(k)/(2 f(k)), so it stalls at the k_end with

        ∫_{k}^{k_end} 2 f/f' dk = -σ²/2.

    By σ² instead of σ the right side is -σ⁴; by log σ it has no end, and the flow reaches the best k.
    """
    if direction == "natural" or not regime.stalls or regime.parameterization == "log_sigma":
        return regime.best
    spent = sigma**2 / 2 if regime.parameterization == "sigma" else sigma**4

    def ratio(k: float) -> float:
        """2f/f', by J and its derivative at σ = 1."""
        J, gradient, _ = regime.velocities(k, 1.0)
        return 2 * J / gradient[0]

    def missing(end: float) -> float:
        return quad(ratio, k, end, epsabs=1e-13)[0] + spent

    near = regime.best + 1e-6 * np.sign(k - regime.best)  # at the best k itself f' is zero
    return float(brentq(missing, k, near)) if missing(near) < 0 else regime.best


def _average(parameterization: str, k: float, sigma: float) -> tuple[float, Floats, Floats]:
    """As `directions`, of the average reward."""
    J, gradient = line_average.exact(k, sigma)
    slope = slope_of(parameter_of(sigma, parameterization), parameterization)
    return J, gradient * [1.0, slope**2], gradient / np.diagonal(line_average.fisher(k, sigma))
