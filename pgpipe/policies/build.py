"""From a config's policy to the object that fits an environment."""

from collections.abc import Sequence
from typing import Any

from gymnasium.spaces import Box, Discrete

from pgpipe.policies.categorical import CategoricalMLP, SoftmaxTable
from pgpipe.policies.gaussian_mlp import GaussianMLP
from pgpipe.policies.linear_gaussian import LinearGaussian
from pgpipe.policies.policy import Policy
from pgpipe.policies.spec import PolicySpec


def make_policy(spec: PolicySpec, obs_shape: Sequence[int], action_space: Any) -> Policy:
    """Build the policy that `spec` asks for, to fit an environment.

    Raises `ValueError` if the environment's spaces do not suit the policy.
    """
    n_obs = obs_shape[0]
    shape = action_space.shape if isinstance(action_space, Box) else ()
    got = f"got {obs_shape}, {action_space}"
    if spec["kind"] == "linear_gaussian":
        if n_obs != 1 or shape != (1,):
            raise ValueError(f"linear_gaussian needs one observation and one action, {got}")
        return LinearGaussian(spec["k"], spec["sigma"], spec.get("parameterization", "sigma"))
    if spec["kind"] == "gaussian_mlp":
        if len(shape) != 1:
            raise ValueError(f"gaussian_mlp needs actions in a Box of one axis, {got}")
        return GaussianMLP((n_obs, *spec["hidden"], *shape), spec["sigma"])
    if not isinstance(action_space, Discrete):
        raise ValueError(f"{spec['kind']} needs discrete actions, {got}")
    if spec["kind"] == "softmax_table":
        return SoftmaxTable(n_obs, int(action_space.n), tuple(spec.get("logits") or ()))
    return CategoricalMLP((n_obs, *spec["hidden"], int(action_space.n)))
