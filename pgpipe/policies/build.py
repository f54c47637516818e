"""From a config's policy to the object that fits an environment."""

from typing import Any

from gymnasium.spaces import Box, Discrete, Space

from pgpipe.policies.categorical import CategoricalMLP, SoftmaxTable
from pgpipe.policies.choices_mlp import ChoicesMLP
from pgpipe.policies.gaussian_mlp import GaussianMLP
from pgpipe.policies.linear_gaussian import LinearGaussian
from pgpipe.policies.own import own_policy
from pgpipe.policies.policy import Policy
from pgpipe.policies.spec import PolicySpec
from pgpipe.spaces import action_shape, choices


def make_policy(spec: PolicySpec, observed: Space[Any], action_space: Space[Any]) -> Policy:
    """Build the policy that `spec` asks for, to fit an environment whose observations are flat.

    Raises `ValueError` if the environment's spaces do not suit the policy.
    """
    if spec["kind"] == "torch":
        return own_policy(spec, observed, action_space)
    obs_shape = observed.shape or (0,)
    n_obs = obs_shape[0]
    shape = action_shape(action_space) if isinstance(action_space, Box) else ()
    got = f"got {obs_shape}, {action_space}"
    if spec["kind"] == "linear_gaussian":
        if n_obs != 1 or shape != (1,):
            raise ValueError(f"linear_gaussian needs one observation and one action, {got}")
        return LinearGaussian(spec["k"], spec["sigma"], spec.get("parameterization", "sigma"))
    if spec["kind"] == "gaussian_mlp":
        if not shape:
            raise ValueError(f"gaussian_mlp needs actions in a Box, {got}")
        return GaussianMLP((n_obs, *spec["hidden"], *shape), spec["sigma"])
    many = choices(action_space)
    if spec["kind"] == "categorical_mlp" and many and not isinstance(action_space, Discrete):
        return ChoicesMLP(n_obs, tuple(spec["hidden"]), many)
    if not isinstance(action_space, Discrete):
        raise ValueError(f"{spec['kind']} needs discrete actions, {got}")
    if spec["kind"] == "softmax_table":
        return SoftmaxTable(n_obs, int(action_space.n), tuple(spec.get("logits") or ()))
    return CategoricalMLP((n_obs, *spec["hidden"], int(action_space.n)))
