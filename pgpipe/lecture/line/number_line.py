"""The number line of the one-dimensional example: where a step leads from a few places (F7)."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.spec import LinearEnvironmentSpec

PLACES = (-1.6, 1.0)  # of the walkers
REACH = 2.4  # of the picture, to either side of the goal


def number_line(environment: LinearEnvironmentSpec) -> pd.DataFrame:
    """The density of the next place s' ~ N((1+k)s, σ² + ν²), and the mean action ks, for every walker."""
    policy, line = environment["policy"], LineVectorEnv(**environment["kwargs"])
    spread, next_place = np.hypot(policy["sigma"], line.noise_std), np.linspace(-REACH, REACH, 241)
    tables = []
    for place in PLACES:
        mean = (1 + policy["k"]) * place
        columns = {"place": place, "mean_action": policy["k"] * place, "next_place": next_place}
        tables.append(pd.DataFrame(columns | {"density": norm.pdf(next_place, mean, spread)}))
    return pd.concat(tables).assign(k=policy["k"], sigma=policy["sigma"])
