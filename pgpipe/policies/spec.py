"""What a job's spec says of a policy: plain values, and no torch, so that the Snakefile can write them."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

# What the second parameter of a linear-Gaussian policy is: σ, log σ or σ².
Parameterization = Literal["sigma", "log_sigma", "sigma_squared"]

# How far a policy is trained where it is studied.
Stage = Literal["untrained", "half_trained", "trained"]


class LinearGaussianSpec(TypedDict):
    """a ~ N(k s, σ²), at first with these k and σ (E39)."""

    kind: Literal["linear_gaussian"]
    k: float
    sigma: float
    parameterization: Parameterization


class SoftmaxTableSpec(TypedDict):
    """A logit for every observation and action."""

    kind: Literal["softmax_table"]
    logits: list[float] | None  # initial ones of the actions, the same in every state; None: all zero


class CategoricalMLPSpec(TypedDict):
    """A network for the logits of a discrete action."""

    kind: Literal["categorical_mlp"]
    hidden: list[int]


class GaussianMLPSpec(TypedDict):
    """A network for the mean of a Gaussian action (E12)."""

    kind: Literal["gaussian_mlp"]
    hidden: list[int]
    sigma: float  # the initial one, of every number of the action


class TorchSpec(TypedDict):
    """Somebody's torch module, or function of parameters."""

    kind: Literal["torch"]
    module: str  # module:name
    kwargs: dict[str, Any]
    initial: NotRequired[list[float]]  # of a function's parameters; a module draws its own


PolicySpec = LinearGaussianSpec | SoftmaxTableSpec | CategoricalMLPSpec | GaussianMLPSpec | TorchSpec
