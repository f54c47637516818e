"""Where one gets to by following the line's direction with γᵗ in front of the score, and without it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.lecture.after_the_lecture.discount_problem import CURVE, FORMS, with_discount
from pgpipe.oracles.line_curl import expected_direction
from pgpipe.oracles.line_field import directions

Floats = NDArray[np.float64]

SMALLEST = 1e-5  # σ that counts as used up
POINTS = 60  # of a path


def follow(
    environment: LinearEnvironmentSpec, gammas: Sequence[float], starts: Sequence[tuple[float, float]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The paths by the γ of the study, and by many γ where they end, beside the best k by J.

    A path learns both parameters, and σ falls to nothing, as noise only costs; `spread` `learned`. In `fixed`
    σ stays what it is at the start, as where one chooses how much to explore, and only k moves.
    """
    paths, ends = [], []
    for gamma in sorted({*gammas, *CURVE}):
        line = with_discount(environment, gamma)
        for form in FORMS:
            for number, start in enumerate(starts):
                keys = {"gamma": gamma, "form": form, "start": number}
                if gamma in gammas:
                    path = flow(line, form, *start)
                    paths.append(pd.DataFrame(path, columns=["k", "sigma"]).assign(**keys))
                for spread, sigma in (("learned", SMALLEST), ("fixed", start[1])):
                    row = keys | {"spread": spread, "start_k": start[0], "start_sigma": start[1]}
                    ends.append(row | end(line, form, sigma))
    columns = ["gamma", "form", "start", "k", "sigma"]
    return pd.concat(paths, ignore_index=True)[columns], pd.DataFrame(ends)


def end(line: LinearEnvironmentSpec, form: str, sigma: float) -> dict[str, float]:
    """Where k stands still at this σ, what J is there, and what it is at the best k."""
    k, best_k = (still(line, of, sigma) for of in (form, "with"))
    J, best = (directions(line, at, sigma)[0] for at in (k, best_k))
    found = {"k": k, "sigma": sigma, "best_k": best_k, "objective": J, "best_objective": best}
    return found | {"loss": (best - J) / abs(best)}


def still(line: LinearEnvironmentSpec, form: str, sigma: float) -> float:
    """The k between -1 and 0 at which g_k is zero: above it g_k is negative, below positive."""

    def g_k(k: float) -> float:
        return float(np.real(expected_direction(k, sigma, line, FORMS[form])[0]))

    return float(brentq(g_k, -1.0, 0.0, xtol=1e-14))


def flow(line: LinearEnvironmentSpec, form: str, k: float, sigma: float) -> Floats:
    """The path from (k, σ): k by log σ, which always falls, then along the bottom.  -> (P, 2)."""

    def by_log_sigma(log_sigma: float, k: Floats) -> Floats:
        spread = np.exp(log_sigma)
        k_dot, sigma_dot = np.real(expected_direction(k[0], spread, line, FORMS[form]))
        return np.array([k_dot * spread / sigma_dot])

    down = solve_ivp(by_log_sigma, (np.log(sigma), np.log(SMALLEST)), [k], "Radau", rtol=1e-6, atol=1e-8)
    path = np.stack([down.y[0], np.exp(down.t)], axis=1)
    path = np.concatenate([path, [[still(line, form, SMALLEST), SMALLEST]]])
    reach = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    even = np.linspace(0, reach[-1], POINTS)
    return np.stack([np.interp(even, reach, column) for column in path.T], axis=1)
