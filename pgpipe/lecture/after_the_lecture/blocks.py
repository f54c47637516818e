"""Section 11: today's estimators against exact gradients."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from pgpipe.config.base import Entries
from pgpipe.config.entries import Environment
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
from pgpipe.envs import BATCHED
from pgpipe.lecture.common.blocks import ExactStudy, LineBlock, Start, Study

# --- clipping, the discount in front, a baseline is more than its variance


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


# --- other ways to the same gradient, where the variance sits

LISTED = ("softmax_table", "categorical_mlp")  # policies whose actions can be listed


class Point(Model):
    """A policy on the line."""

    k: Finite
    sigma: Positive


class Ripples(Model):
    """A bandit whose reward gets ripples, A cos ωa."""

    environment: EnvironmentName = Field(description="a bandit with a linear_gaussian policy")
    amplitude: Positive = Field(0.5, description="A, in reward")
    frequencies: Annotated[list[Annotated[float, Field(ge=0, le=50)]], Different] = Field(
        [0.0, 2.0, 5.0, 10.0, 20.0], min_length=1, description="ω, in radians per unit of the action"
    )


class WaysStudy(LineBlock):
    """Variances of scores, all actions and paths, by horizon and over ripples (P23, C42)."""

    points: list[Point] = Field(min_length=1, description="policies; the first is drawn")
    horizons: Annotated[list[Annotated[int, Field(ge=1, le=100)]], Different] = Field(
        [1, 2, 5, 10, 20], min_length=1, description="steps; replace the environment's own"
    )
    ripples: Ripples
    trajectories: Annotated[int, Field(ge=100)] = Field(20_000, description="behind each measured variance")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """What is no line, or no bandit, or has another policy than the lecture's."""
        yield from super().misfits(entries)
        bandits = [n for n, e in entries.environments.items() if e.id == "pgpipe/Bandit-v0" and e.oracle]
        if (found := self.ripples.environment) not in bandits:
            yield f"ripples.environment: found {found}, which is no bandit. Allowed: {', '.join(bandits)}"
        own = entries.environments.get(self.environment)
        if own is not None and not own.oracle:
            yield f"environment: found {self.environment}, whose J is not known exactly"


class ExpectedStudy(ExactStudy):
    """The expected gradient beside the score function, on the same trajectories (C43)."""

    trajectories: Annotated[int, Field(ge=100)] = Field(5000, description="behind each measured share")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """What is not exact, and a bandit, whose one state leaves nothing to compare."""
        yield from super().misfits(entries)
        for name in self.environments:
            own = entries.environments.get(name)
            if own is not None and own.id == "pgpipe/Bandit-v0":
                yield f"environments: found {name}, a bandit. Allowed: what has more than one state"


class TermsStudy(Study):
    """The variance split into state, action and trajectory terms, over the stages of training (P24)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    pairs: Annotated[int, Field(ge=2)] = Field(200, description="pairs of walks that are followed on")
    every: Count = Field(5, description="steps of a walk from one state that is followed on to the next")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """Where no terms are known and no state can be returned to with all its actions."""
        fit = [name for name, environment in entries.environments.items() if _can_be_split(environment)]
        for name in self.environments:
            if name not in fit:
                yield (
                    f"environments: found {name}, which is neither a line nor batched with a policy over "
                    f"finitely many actions. Allowed: {', '.join(fit)}"
                )


def _can_be_split(environment: Environment) -> bool:
    if environment.id == "pgpipe/Line-v0" and environment.oracle:
        return True
    listed = environment.policy.kind in LISTED and environment.n_actions is not None
    return listed and environment.id in BATCHED
