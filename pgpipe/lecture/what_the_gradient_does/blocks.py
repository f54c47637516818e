"""Section 3: what a step does to the trajectories it came from, and what policies look like."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from pgpipe.config.base import Entries
from pgpipe.config.fields import Count, Different, EnvironmentName, Positive
from pgpipe.lecture.common.blocks import Study


class StepStudy(Study):
    """What one gradient step does to the trajectories it was computed from (C5, C29, F2, F6)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    policy: Literal["untrained", "half_trained", "trained"] = Field(
        "half_trained", description="stage of training at which the step is taken"
    )
    episodes: Annotated[int, Field(ge=3)] = Field(32, description="trajectories in the batch of a step")
    # Policies differ in their rank correlation above chance by 0.14 or so, the noise of six batches included:
    # 32 find one of 0.1 among four, at 5 % over all, in 19 of 20 seeds: ((2.5 + 1.65) 0.14 / 0.1)² = 34.
    policies: Annotated[int, Field(ge=2)] = Field(
        32, description="training seeds whose policies are looked at: what claims count"
    )
    updates: Count = Field(
        40, description="of each seed's training, at most: half-trained is half-way through these"
    )
    batches: Count = Field(6, description="independent batches of each policy, a step from each")
    permutations: Count = Field(2, description="times that a batch's returns are dealt out anew")
    length: Positive = Field(0.003, description="length of the step, ‖Δθ‖")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """A stage that nobody has trained."""
        trained_in = {recipe.environment for recipe in entries.recipes.values()}
        for name in sorted(set(self.environments) - trained_in):
            if self.policy != "untrained":
                yield f"policy: found {self.policy}, but no recipe trains in {name}. Allowed: untrained"


class GaussianStudy(Study):
    """Gaussian policies along real rollouts: density, log-probability, score (F1, E12, E13)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    episodes: Count = Field(
        16, description="episodes whose steps are checked; the one of middle return is shown"
    )

    def misfits(self, entries: Entries) -> Iterator[str]:
        """Policies that are not Gaussian."""
        gaussian = [name for name, e in entries.environments.items() if "gaussian" in e.policy.kind]
        for name in self.environments:
            if name not in gaussian:
                allowed = ", ".join(gaussian)
                yield f"environments: found {name}, whose policy is not Gaussian. Allowed: {allowed}"


class TwoActions(Study):
    """A policy over two actions by state, and the score of each action (F12)."""

    environment: EnvironmentName
    episodes: Count = Field(64, description="episodes that give the range of the states and their mean")
    points: Annotated[int, Field(ge=2)] = Field(81, description="values of each number of the state")

    def misfits(self, entries: Entries) -> Iterator[str]:
        """More actions than two, or a continuum of them."""
        two = [name for name, environment in entries.environments.items() if environment.n_actions == 2]
        if self.environment not in two:
            yield f"environment: found {self.environment}, which has other actions. Allowed: {', '.join(two)}"
