"""Section 11: clipping, the discount in front, a baseline beyond its variance."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from pgpipe.config.base import Entries
from pgpipe.config.fields import (
    Batch,
    Count,
    Different,
    EnvironmentName,
    Finite,
    Key,
    Model,
    Positive,
    Rising,
    without_null,
)
from pgpipe.lecture.common.blocks import LineBlock, Start, Study


class ClippingStudy(Study):
    """PPO's and V-trace's gradient at policies uphill from the one that samples, on the bandit (P20, C38)."""

    environment: EnvironmentName = Field(description="a bandit with a linear_gaussian policy, which samples")
    line: EnvironmentName = Field(description="a line, on whose walks E47 and E48 are checked")
    kls: Annotated[list[Annotated[float, Field(ge=0, allow_inf_nan=False)]], Different] = Field(
        [0.0, 0.005, 0.02, 0.039, 0.08],
        min_length=2,
        description="KL from the policy that samples to the one asked about, in nats; at least one above 0",
    )
    clip: Annotated[float, Field(gt=0, lt=1)] = Field(0.2, description="ε of PPO's clipping")
    truncation: Positive = Field(1.0, description="ρ̄ of V-trace")
    trajectories: Annotated[int, Field(ge=100)] = Field(100_000, description="rollouts behind each point")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """What is no bandit, or no line, or has another policy than the lecture's."""
        for key, name, id in (
            ("environment", self.environment, "pgpipe/Bandit-v0"),
            ("line", self.line, "pgpipe/Line-v0"),
        ):
            fit = [n for n, e in entries.environments.items() if e.id == id and e.oracle]
            if name not in fit:
                allowed = f"one of {id} whose exact J is known: {', '.join(fit)}"
                yield f"{key}: found {name}; allowed: {allowed}"


class DiscountLoop(Model):
    """An ellipse in the plane of k and σ."""

    k: Finite = -0.3
    sigma: Positive = 0.5
    half_k: Positive = Field(0.25, description="half-axis along k")
    half_sigma: Positive = Field(0.3, description="half-axis along σ; less than sigma")
    points: Annotated[int, Field(ge=8, le=200)] = Field(
        16, description="on it, each with rollouts of its own"
    )


class DiscountStudy(LineBlock):
    """The direction without γᵗ in front of the score: its curl, and where it leads (P21, C39)."""

    gammas: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Different] = Field(
        [0.8, 0.95, 1.0], min_length=1, description="discounts; they replace the environment's own"
    )
    k: Annotated[list[Finite], Rising] = Field([-1.2, 0.0], min_length=2, max_length=2)
    sigma: Annotated[list[Positive], Rising] = Field([0.05, 1.0], min_length=2, max_length=2)
    points: Annotated[int, Field(ge=3, le=100)] = Field(13, description="grid points on each axis")
    starts: list[Start] = Field(min_length=1, description="from where both directions are followed")
    loop: DiscountLoop
    episodes: Annotated[int, Field(ge=100)] = Field(40_000, description="walks at each point of the loop")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """What is no line, and a loop that leaves the half-plane."""
        yield from super().misfits(entries)
        if self.loop.half_sigma >= self.loop.sigma:
            found, sigma = self.loop.half_sigma, self.loop.sigma
            yield f"loop.half_sigma: found {found:g}; allowed: less than its sigma, {sigma:g}"


class BaselineStep(Model):
    """What runs step along, and how far."""

    direction: Literal["vanilla", "natural"] = "vanilla"
    learning_rate: Positive


class BaselineStudy(Study):
    """Learning on a few arms with baselines of equal variance, b* ± δ (P22, C40)."""

    rewards: list[Finite] = Field([1.0, 0.7, 0.0], min_length=2, max_length=10, description="of the arms")
    deltas: Annotated[list[Positive], Different] = Field([0.25, 0.5, 0.75, 1.0], min_length=1)
    rules: Annotated[
        dict[Key, BaselineStep],
        BeforeValidator(without_null, json_schema_input_type=Mapping[Key, BaselineStep | None]),
    ] = Field(min_length=1, description="kinds of steps, by name; null leaves one out")
    runs: Annotated[int, Field(ge=10)] = Field(1000, description="independent runs of each δ")
    updates: Count = Field(1000, description="in a run, each from one sample")
    samples: Batch = Field(50_000, description="estimates behind each measured variance")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """Arms none of which is best."""
        if self.rewards.count(max(self.rewards)) > 1:
            yield f"rewards: found {self.rewards}; allowed: one arm that is better than the others"
