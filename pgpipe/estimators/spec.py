"""What a job's spec says of an estimator: its parts by name, its options as plain values, and no torch."""

from typing import Literal

from typing_extensions import TypedDict


class PlainEstimatorSpec(TypedDict):
    """As little as a study that chooses its own estimator says of it; every other option has its default."""

    signal: str
    baseline: str
    score_discount: bool


class WeighedEstimatorSpec(PlainEstimatorSpec):
    """The same with a form of importance weights."""

    importance: str


class EstimatorSpec(WeighedEstimatorSpec):
    """A line of the config, with all its options."""

    value: Literal["critic", "exact"]
    gae_lambda: float
    normalize: bool
    direction: Literal["vanilla", "natural"]
    self_normalize: bool
