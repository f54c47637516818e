"""What a job's spec says of a training: plain values, and no torch, so that the Snakefile can write them."""

from typing import Literal

from typing_extensions import ReadOnly, TypedDict

from pgpipe.envs.spec import SampledSpec
from pgpipe.estimators.spec import EstimatorSpec

# Columns that say where a seed was stopped, and by what.
STOPS = ("episode", "step", "found")

OptimizerName = Literal["sgd", "momentum", "adam", "normalized"]


class ConjugateGradientSpec(TypedDict):
    """How F⁻¹ĝ is solved for (E42)."""

    iterations: int  # at most
    residual: float  # relative to the length of ĝ, at which it stops
    damping: float


class ValueNetworkSpec(TypedDict):
    """A network for V that is learned along with the policy."""

    hidden: list[int]
    learning_rate: float
    gradient_steps: int


class RecipeSpec(SampledSpec):
    """What the training of one seed depends on beside its optimiser."""

    estimator: EstimatorSpec
    learning_rate: float
    kl: float | None  # the bound that decides the whole step, or None
    conjugate_gradient: ConjugateGradientSpec | None  # of a natural direction
    episodes: ReadOnly[int | None]  # in a batch, or else …
    steps: ReadOnly[int | None]  # … whole episodes until there are so many
    updates: int
    reuse: int  # updates from a batch
    entropy: float
    max_gradient_norm: float | None
    value_network: ValueNetworkSpec | None


class TrainingSpec(RecipeSpec):
    """What the training of one seed depends on."""

    optimizer: OptimizerName


class TrainingsSpec(TypedDict):
    """What every study depends on that trains several recipes side by side in one environment."""

    seed: int
    environment: str
    seeds: list[int]
    resamples: int
