"""Tables of other ways to the gradient and of the variance's parts, small, for what walks all figures."""

from functools import cache
from typing import Any

import pandas as pd
import torch
from laws.test_variances import bandit_with, config_line
from samples import GRID, LINE

from pgpipe.lecture.after_the_lecture.expected import compare_expected
from pgpipe.lecture.after_the_lecture.terms import split_variance
from pgpipe.lecture.after_the_lecture.ways import compare_ways

VALUED = config_line("reward_to_go", "value", "exact")
FORMS = {
    "score_function": config_line("reward_to_go", "none"),
    "value": VALUED,
    "all_actions": config_line("all_actions", "none", "exact"),
    "pathwise": config_line("pathwise", "none", "exact"),
}


def ways_spec(horizons: list[int], frequencies: list[float], trajectories: int) -> Any:
    """Of the study of ways, at one policy."""
    ripples = {
        "seed": 3, "environment": bandit_with(0.0), "amplitude": 0.5, "frequencies": frequencies,
        "trajectories": trajectories, "score_function": FORMS["score_function"], "pathwise": FORMS["pathwise"],
    }  # fmt: skip
    return {
        "seed": 3, "environment": LINE, "points": [[-0.4, 0.6]], "horizons": horizons,
        "trajectories": trajectories, "forms": FORMS, "ripples": ripples,
    }  # fmt: skip


def terms_of(environment: Any, module: str, theta: torch.Tensor) -> pd.DataFrame:
    """Parts of the variance at three policies, a few pairs of walks."""
    spec: Any = {
        "seed": 0,
        "environment": environment,
        "module": f"pgpipe.oracles.{module}",
        "pairs": 20,
        "every": 4,
    }
    stages = ("untrained", "half_trained", "trained")
    return split_variance(spec, {stage: theta * (1 + i / 4) for i, stage in enumerate(stages)})


@cache
def way_tables() -> dict[str, Any]:
    """All of them; nobody may change them."""
    line = torch.tensor([-0.3, 0.5], dtype=torch.float64)
    short = LINE | {"kwargs": {**LINE["kwargs"], "horizon": 3}}
    expected: Any = {
        "seed": 0, "environment": short, "module": "pgpipe.oracles.line", "trajectories": 100,
        "score_function": VALUED, "all_actions": FORMS["all_actions"],
    }  # fmt: skip
    return {
        **compare_ways(ways_spec([1, 2], [0.0, 12.0], 200)),
        "expected_gradients": compare_expected(expected, {"untrained": line}),
        "variance_terms": pd.concat(
            [
                terms_of(short, "line", line),
                terms_of(GRID, "grid", 0.5 * torch.sin(torch.arange(36.0).double())),
            ]
        ),
    }
