"""One gradient step on three samples in one dimension, which stands for the trajectory (F3, F4, F5)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.stats import norm
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.seeding import stream

Floats = NDArray[np.float64]

# For the picture, in spreads of the policy: three bars that can be told apart, and that fit in it.
GAP, REACH = 0.5, 2.0

# Draws after which a return curve is taken to leave no room for two good samples and a bad one.
MOST_DRAWS = 10_000


class ReturnCurveSpec(TypedDict):
    """The numbers of a `ReturnCurve`."""

    bad: float
    good: float
    turn: float
    width: float


class ThreeSamplesSpec(TypedDict):
    """The policy N(mean, spread²) before the step, the returns, and what F4 adds to all of them."""

    seed: int
    mean: float
    spread: float
    return_curve: ReturnCurveSpec
    constant: float
    learning_rate: float


@dataclass(frozen=True)
class ReturnCurve:
    """A smooth step r(x) from `bad` on the left to `good` on the right."""

    bad: float
    good: float
    turn: float  # where it passes the middle of the two
    width: float

    def __call__(self, x: Floats) -> Floats:
        """r(x) = bad + (good - bad) (1 + tanh((x - turn)/width)) / 2."""
        return self.bad + (self.good - self.bad) * (1 + np.tanh((x - self.turn) / self.width)) / 2


def draw_samples(mean: float, spread: float, curve: ReturnCurve, seed: int) -> tuple[Floats, int]:
    """Draw three samples x ~ N(μ, σ²) until two are good, r > 0, one is bad, r < 0, and all can be seen.

    Seen: at least GAP σ apart, at most REACH σ from μ. Draw d has a stream of its own.
    Returns the samples in rising order, (3,), and the number of draws.
    Raises `ValueError` where that constellation does not come.
    """
    for draws in range(1, MOST_DRAWS + 1):
        x = np.sort(mean + spread * stream(seed, "three_samples", draws).standard_normal(3))
        seen = np.diff(x).min() >= GAP * spread and np.abs(x - mean).max() <= REACH * spread
        if seen and sorted(np.sign(curve(x))) == [-1, 1, 1]:
            return x, draws
    raise ValueError(
        f"two good samples and a bad one did not come in {MOST_DRAWS} draws from N({mean}, {spread}²)"
    )


def sample_gradient(theta: Tensor, x: Tensor, returns: Tensor) -> Tensor:
    """ĝ = (1/N) Σ_i ∇log p_θ(x_i) r_i of p_θ = N(μ, σ²), θ = (μ, log σ).  (2,), (N,), (N,) -> (2,).

    E11, with x for the trajectory.
    """
    theta = theta.detach().requires_grad_()
    mean, log_spread = theta
    log_probs = -(((x - mean) / log_spread.exp()) ** 2) / 2 - log_spread  # up to a constant
    return torch.autograd.grad((returns * log_probs).mean(), theta)[0]


def three_cases(curve: ReturnCurve, x: Floats, constant: float) -> dict[str, Callable[[Floats], Floats]]:
    """The returns of F3, F4 and F5, as functions of x.

    F3: r(x).  F4: r(x) + c.  F5: min(r(x), b) - b, where b is the lower of the two good samples' returns: cut
    off there both are equal, and shifted they are zero.
    """
    plateau = np.sort(curve(x))[-2]
    return {
        "returns": curve,
        "constant_added": lambda x: curve(x) + constant,
        "good_at_zero": lambda x: np.minimum(curve(x), plateau) - plateau,
    }


def step_on_three_samples(spec: ThreeSamplesSpec) -> dict[str, pd.DataFrame]:
    """Three samples, their returns in three versions, and the policy after one gradient step on each."""
    return three_tables(
        spec["mean"],
        spec["spread"],
        ReturnCurve(**spec["return_curve"]),
        spec["constant"],
        spec["learning_rate"],
        spec["seed"],
    )


def three_tables(
    mean: float, spread: float, return_curve: ReturnCurve, constant: float, learning_rate: float, seed: int
) -> dict[str, pd.DataFrame]:
    """Samples, steps and curves of the three cases: the tables three_samples, three_steps, three_curves.

    The step is θ ← θ + α ĝ.  `push` is what a step on one sample alone would add to μ, α (x_i - μ)/σ² r_i:
    the step on all three adds their mean.
    """
    x, draws = draw_samples(mean, spread, return_curve, seed)
    theta = torch.tensor([mean, np.log(spread)], dtype=torch.float64)
    grid = np.linspace(mean - 4 * spread, mean + 4 * spread, 321)
    samples, steps, curves = [], [], []
    for case, returns in three_cases(return_curve, x, constant).items():
        gradient = sample_gradient(theta, torch.from_numpy(x), torch.from_numpy(returns(x)))
        new_mean, new_spread = _policy(theta + learning_rate * gradient)
        push = learning_rate * (x - mean) / spread**2 * returns(x)
        samples.append(pd.DataFrame({"case": case, "x": x, "return": returns(x), "push": push}))
        steps.append(
            {"case": case, "draws": draws, "learning_rate": learning_rate, "mean": mean, "spread": spread}
            | dict(zip(("gradient_mean", "gradient_log_spread"), gradient.tolist(), strict=True))
            | {"new_mean": new_mean, "new_spread": new_spread}
        )
        densities = {
            "density": norm.pdf(grid, mean, spread),
            "new_density": norm.pdf(grid, new_mean, new_spread),
        }
        curves.append(pd.DataFrame({"case": case, "x": grid, "return": returns(grid), **densities}))
    return {
        "three_samples": pd.concat(samples),
        "three_steps": pd.DataFrame(steps),
        "three_curves": pd.concat(curves),
    }


def _policy(theta: Tensor) -> tuple[float, float]:
    """(μ, σ) of θ = (μ, log σ)."""
    return float(theta[0]), float(theta[1].exp())
