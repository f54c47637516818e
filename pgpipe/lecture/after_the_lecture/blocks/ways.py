"""Section 11: other ways to the same gradient, where the variance sits."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from pgpipe.config.base import Entries
from pgpipe.config.entries import Environment
from pgpipe.config.fields import (
    Count,
    Different,
    EnvironmentName,
    Finite,
    Model,
    Positive,
)
from pgpipe.envs import BATCHED
from pgpipe.lecture.common.blocks import ExactStudy, LineBlock, Study

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
