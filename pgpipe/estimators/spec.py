"""What a job's spec says of an estimator: its parts by name, its options as plain values, and no torch."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from pgpipe.estimators.composed import Normalize


class PlainEstimatorSpec(TypedDict):
    """As little as a study that chooses its own estimator says of it; every other option has its default."""

    signal: str
    baseline: str
    score_discount: bool


# What studies choose by themselves: the lecture's own estimator E11 as its sample form is first written down;
# the reward to go of E18; and the least noisy that needs no fitting and is unbiased.
E11: PlainEstimatorSpec = {"signal": "total_return", "baseline": "none", "score_discount": True}
REWARD_TO_GO: PlainEstimatorSpec = {"signal": "reward_to_go", "baseline": "none", "score_discount": True}
REWARD_TO_GO_MEAN: PlainEstimatorSpec = {"signal": "reward_to_go", "baseline": "mean", "score_discount": True}


class WeighedEstimatorSpec(PlainEstimatorSpec):
    """The same with a form of importance weights."""

    importance: str


class EstimatorSpec(WeighedEstimatorSpec):
    """A line of the config with all its options; some are said only where they are not the default."""

    value: Literal["critic", "exact"]
    gae_lambda: float
    normalize: Normalize
    direction: Literal["vanilla", "natural"]
    self_normalize: bool
    aggregate: NotRequired[str]  # unsaid: trajectories
    longest: NotRequired[int]  # T_max of aggregate constant
    clip: NotRequired[float]  # ε of importance clipped; unsaid: 0.2
    truncation: NotRequired[float]  # ρ̄ of importance v_trace; unsaid: 1
