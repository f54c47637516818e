"""Tables of clipping, γᵗ and equal variance, from their own studies at a small size, for what walks all figures."""

from functools import cache
from typing import Any

from laws.test_variances import bandit_with, line_with
from samples import LINE, estimator_spec

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.lecture.after_the_lecture.clipping import compare_clipping
from pgpipe.lecture.after_the_lecture.three_arms import compare_baselines
from pgpipe.lecture.after_the_lecture.undiscounted import study_discount
from pgpipe.policies.spec import LinearGaussianSpec

KLS = (0.0, 0.005, 0.02, 0.039, 0.08)
AT_ONE: LinearGaussianSpec = {"kind": "linear_gaussian", "k": 1.0, "sigma": 1.0, "parameterization": "sigma"}
BANDIT: LinearEnvironmentSpec = {**bandit_with(0.0), "policy": AT_ONE}
NATURAL: Any = {"direction": "natural", "learning_rate": 0.05}
VANILLA: Any = {"direction": "vanilla", "learning_rate": 0.5}


def clipping_spec(**changes: Any) -> Any:
    """Of the study of clipping, on the bandit of math.md."""
    forms = {"plain": "first_order", "clipped": "clipped", "v_trace": "v_trace"}
    base = {
        "seed": 0,
        "environment": BANDIT,
        "line": LINE,
        "kls": list(KLS),
        "trajectories": 4_000,
        "forms": {
            name: estimator_spec("reward_to_go", "value", value="exact", importance=part)
            for name, part in forms.items()
        },
    }
    return base | changes


def discount_spec(**changes: Any) -> Any:
    """Of the study of γᵗ, on the line of math.md."""
    base = {
        "seed": 0,
        "environment": line_with(10, 1.0, 0.0, 0.95),
        "gammas": [0.8, 0.95, 1.0],
        "k": [-1.2, 0.0],
        "sigma": [0.05, 1.0],
        "points": 5,
        "starts": [[-0.1, 0.9]],
        "loop": {"k": -0.3, "sigma": 0.5, "half_k": 0.25, "half_sigma": 0.3, "points": 10},
        "episodes": 4_000,
        "estimator": estimator_spec("td", "value", value="exact"),
    }
    return base | changes


def arms_spec(**changes: Any) -> Any:
    """Of the study of baselines, on three arms."""
    base = {"seed": 0, "rewards": [1.0, 0.7, 0.0], "deltas": [1.0], "runs": 400, "updates": 600}
    return base | {"rules": {"natural": NATURAL, "vanilla": VANILLA}, "samples": 4_000} | changes


@cache
def direction_tables() -> dict[str, Any]:
    """All of them; nobody may change them."""
    return {
        **compare_clipping(clipping_spec(trajectories=500)),
        **study_discount(discount_spec(episodes=200)),
        **compare_baselines(arms_spec(runs=50, updates=100, samples=500)),
    }
