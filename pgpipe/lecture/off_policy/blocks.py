"""Section 6: rollouts of one policy, gradients of another."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, ValidationInfo, model_validator

from pgpipe.config.base import Entries
from pgpipe.config.entries import Environment
from pgpipe.config.fields import (
    Batch,
    Count,
    Different,
    EnvironmentName,
    EstimatorName,
    Finite,
    Model,
    Positive,
    RecipeName,
)
from pgpipe.datasets.episodes import Format
from pgpipe.datasets.looked import look
from pgpipe.datasets.places import INSTALL, checksum, data_folder, is_installed, link
from pgpipe.errors import UserError
from pgpipe.lecture.common.blocks import Study
from pgpipe.lecture.off_policy.criteria import SHORTEST_LONGEST_HORIZON

# Batches that an interval takes.
LEAST_BATCHES = 8


class Dataset(Model):
    """A Minari dataset, whose episodes are the behaviour's."""

    path: str = Field(
        min_length=1,
        description="its folder, from this file's folder, or the name of a local one; nothing is downloaded",
    )
    log_probs: str | None = Field(
        "log_probs",
        description="key of its infos that holds log π(a|s) of each action; null, or where there is no such "
        "key: those of a policy fitted to the data",
    )

    _notes: Path | None = PrivateAttr(default=None)
    _folder_of: Callable[[tuple[str, ...]], Path] | None = PrivateAttr(default=None)
    _checksum: str = PrivateAttr(default="")

    @model_validator(mode="after")
    def _remembers(self, info: ValidationInfo) -> Self:
        context: dict[str, Any] = info.context or {}
        self._notes, self._folder_of = context.get("findings"), context.get("folder_of")
        return self

    @property
    def checksum(self) -> str:
        """That of its files."""
        return self._checksum

    def misfits(self, name: str, environment: Environment, batch_size: int) -> Iterator[str]:
        """Why the study cannot use it, as key path and words; else jobs find it by its content.

        Not asked where nobody says in which folder the config's file is.
        """
        if self._folder_of is None:
            return
        if not is_installed():
            yield f"path: found {self.path}; a Minari dataset takes {INSTALL}"
            return
        try:
            folder = self._folder_of(("off_policy_study", "datasets", name, "path"))
            data = data_folder(self.path, folder)
        except UserError as error:
            yield f"path: {error}"
            return
        made, must = environment.made, "log_probs" in self.model_fields_set
        wanted = Format(made.observations, made.actions, made.longest, self.log_probs)
        self._checksum = checksum(data)
        found = look(data, self._checksum, wanted, must, LEAST_BATCHES * batch_size, self._notes)
        if found["problem"]:
            where = "" if found["key"] == "log_probs" else f"{data.parent}: "
            yield f"{found['key']}: {where}{found['problem']}"
        elif self._notes:
            link(data, self._checksum, self._notes)


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
    datasets: dict[EnvironmentName, Dataset] | None = Field(
        None,
        exclude_if=lambda datasets: datasets is None,
        description="Minari datasets whose episodes take the place of the policy's own, by environment",
    )

    def misfits(self, entries: Entries) -> Iterator[str]:
        """A stage that nobody has trained, and datasets that cannot be used."""
        trained_in = {recipe.environment for recipe in entries.recipes.values()}
        for name in sorted(set(self.environments) - trained_in):
            if self.policy != "untrained":
                yield f"policy: found {self.policy}, but no recipe trains in {name}. Allowed: untrained"
        for name, dataset in (self.datasets or {}).items():
            if name not in self.environments:
                yield f"datasets: found {name}; allowed: {', '.join(self.environments)}"
            else:
                found = dataset.misfits(name, entries.environments[name], self.batch_size)
                yield from (f"datasets.{name}.{misfit}" for misfit in found)


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
