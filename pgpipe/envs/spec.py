"""What a job's spec says of an environment and the policy in it: plain values, and no torch."""

from typing import Any, NotRequired

from typing_extensions import ReadOnly, TypedDict

from pgpipe.policies.spec import LinearGaussianSpec, PolicySpec


class GymnasiumSpec(TypedDict):
    """What Gymnasium needs to make an environment."""

    id: str
    kwargs: dict[str, Any]
    max_episode_steps: int | None  # None: its own
    single: NotRequired[bool]  # only one may exist in a process at a time
    group: NotRequired[int]  # episodes that begin in one start state; unsaid: every one draws its own


class EnvironmentSpec(GymnasiumSpec):
    """An environment of the config: what rollouts in it, and their discounted returns, depend on."""

    name: str
    gamma: float
    policy: ReadOnly[PolicySpec]


def alone(environment: EnvironmentSpec) -> EnvironmentSpec:
    """The same, in which every episode draws its own start state."""
    apart = environment.copy()
    apart.pop("group", None)
    return apart


class LinearEnvironmentSpec(EnvironmentSpec):
    """A line or a bandit with the lecture's policy, whose parameters are (k, σ)."""

    policy: ReadOnly[LinearGaussianSpec]


class SampledSpec(TypedDict):
    """Where rollouts are sampled, and the root of the streams that they draw from."""

    seed: int
    environment: ReadOnly[EnvironmentSpec]


class LinearSampledSpec(SampledSpec):
    """The same with the lecture's policy."""

    environment: ReadOnly[LinearEnvironmentSpec]
