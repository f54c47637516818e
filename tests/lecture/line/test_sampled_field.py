"""The field that rollouts give."""

import numpy as np
from samples import LINE

from pgpipe.estimators.spec import REWARD_TO_GO_MEAN
from pgpipe.lecture.line.sampled_field import SampledFieldSpec, sample_field
from pgpipe.oracles.line_field import gradient_field


def test_a_sampled_field_scatters_about_the_exact_one():
    """Mean over many episodes at one point: within a tenth of the exact direction."""
    spec: SampledFieldSpec = {
        "environment": LINE,
        "seed": 0,
        "start_stds": [1.0],
        "estimator": REWARD_TO_GO_MEAN,
        "episodes": 4_000,
        "k": [-0.4, -0.4],
        "sigma": [0.7, 0.7],
        "points": 1,
    }
    point = (np.array([-0.4]), np.array([0.7]))
    sampled, exact = sample_field(spec).iloc[0], gradient_field(LINE, [1.0], *point).iloc[0]
    for kind in ("grad", "natural"):
        ours, theirs = ([row[f"{kind}_k"], row[f"{kind}_sigma"]] for row in (sampled, exact))
        assert np.linalg.norm(np.subtract(ours, theirs)) < 0.1 * np.linalg.norm(theirs)
