"""Section 6: rollouts of one policy, gradients of another."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from pgpipe.config.base import Entries
from pgpipe.config.fields import (
    Batch,
    Count,
    Different,
    EnvironmentName,
    EstimatorName,
    Finite,
    Positive,
    RecipeName,
)
from pgpipe.lecture.common.blocks import Study
from pgpipe.lecture.off_policy.criteria import SHORTEST_LONGEST_HORIZON


class OffPolicyStudy(Study):
    """Weights and gradients at policies ever farther from the one that samples (P8, P10, C11 to C16, C33)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    policy: Literal["untrained", "half_trained", "trained"] = Field(
        "half_trained", description="stage of training of the policy that samples"
    )
    estimators: Annotated[list[EstimatorName], Different] = Field(min_length=1)
    distances: Annotated[list[Positive], Different] = Field(
        [0.001, 0.01, 0.1, 0.3, 1.0],
        min_length=2,
        description="KL of a whole trajectory, from the policy that samples to the one asked about, in nats",
    )
    random_directions: Annotated[int, Field(ge=0)] = Field(1, description="beside the gradient of J")
    batch_size: Batch = 32
    replicates: Annotated[int, Field(ge=8)] = Field(200, description="independent batches")
    sampled_replicates: Annotated[int, Field(ge=8)] = Field(
        40, description="the same where no exact gradient exists, and a target needs as many of its own"
    )

    def misfits(self, entries: Entries) -> Iterator[str]:
        """A stage that nobody has trained."""
        trained_in = {recipe.environment for recipe in entries.recipes.values()}
        for name in sorted(set(self.environments) - trained_in):
            if self.policy != "untrained":
                yield f"policy: found {self.policy}, but no recipe trains in {name}. Allowed: untrained"


class HorizonStudy(Study):
    """Second moments of weights on a line by its length, and what that does to each form (P9, C16)."""

    environment: EnvironmentName
    policy: Literal["untrained", "half_trained", "trained"] = Field(
        "half_trained", description="stage of training of the policy that samples"
    )
    estimators: Annotated[list[EstimatorName], Different] = Field(min_length=1)
    shifts: Annotated[list[Finite], Different] = Field(
        [-0.2, -0.1, 0.1, 0.2], min_length=1, description="changes of the gain k, whose moments are followed"
    )
    horizons: Annotated[list[Count], Different] = Field(
        [2, 5, 10, 20, 40], min_length=2, description="steps of an episode; replaces the environment's own"
    )
    scaling_shift: Finite = Field(-0.08, description="change of the gain at which the forms are compared")
    trajectories: Annotated[int, Field(ge=100)] = Field(20_000, description="rollouts behind each moment")
    farthest: Count = Field(200, description="steps up to which an infinite moment is looked for")
    batch_size: Batch = 32
    replicates: Annotated[int, Field(ge=8)] = Field(
        400, description="batches whose trajectories tell what the weights of each form cost"
    )

    def misfits(self, entries: Entries) -> Iterator[str]:
        """What is no line, a stage that nobody has trained, and values of one horizon."""
        lines = [n for n, e in entries.environments.items() if e.oracle and e.id == "pgpipe/Line-v0"]
        if self.environment not in lines:
            yield f"environment: found {self.environment}, which is no line. Allowed: {', '.join(lines)}"
        trained_in = {recipe.environment for recipe in entries.recipes.values()}
        if self.policy != "untrained" and self.environment not in trained_in:
            nobody = f"no recipe trains in {self.environment}"
            yield f"policy: found {self.policy}, but {nobody}. Allowed: untrained"
        if (longest := max(self.horizons)) < SHORTEST_LONGEST_HORIZON:
            least = f"a longest of at least {SHORTEST_LONGEST_HORIZON}, whose later half C13 looks at"
            yield f"horizons: found at most {longest}; allowed: {least}"
        for name in self.estimators:
            if entries.estimators[name].needs_exact_value:
                yield f"estimators: found {name}, whose exact value is that of one horizon"


class ReuseStudy(Study):
    """Training that steps several times from each batch, by form of importance weights (P11)."""

    recipe: RecipeName = Field(description="whose estimator and reuse are replaced")
    estimators: Annotated[list[EstimatorName], Different] = Field(min_length=1)
    reuse: Annotated[list[Count], Different] = Field([1, 2, 4, 8, 16], min_length=1)
    seeds: Annotated[int, Field(ge=2)] = 16

    def misfits(self, entries: Entries) -> Iterator[str]:
        """A bonus that old samples do not have, and estimators that ask for what training does not know."""
        recipe = entries.recipes[self.recipe]
        if recipe.entropy and max(self.reuse) > 1:
            found = f"found {self.recipe}, whose entropy is {recipe.entropy:g}"
            yield f"recipe: {found}; allowed: 0 where batches are reused"
        for name in self.estimators:
            if entries.estimators[name].needs_exact_value or entries.estimators[name].needs_state_ratios:
                yield f"estimators: found {name}, which asks for what training does not know"
