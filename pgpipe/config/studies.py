"""What is measured: a block of the config for each study of the lecture."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pgpipe.config.entries import Environment
from pgpipe.config.fields import Batch, Count, Different, EnvironmentName, Finite, Model, Positive
from pgpipe.config.recipes import Recipe

Environments = Mapping[str, Environment]
Recipes = Mapping[str, Recipe]


class Study(Model):
    """A block of the config, which may ask more of the environments it names than that they exist."""

    def misfits(self, environments: Environments, recipes: Recipes) -> Iterator[str]:
        """What the block cannot know by itself: key path in the block, found, allowed."""
        yield from ()


class ExactStudy(Study):
    """A study of environments whose exact J is known."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)

    def misfits(self, environments: Environments, recipes: Recipes) -> Iterator[str]:
        """Environments without an oracle."""
        exact = [name for name, environment in environments.items() if environment.oracle]
        for name in self.environments:
            if name not in exact:
                allowed = ", ".join(exact)
                yield f"environments: found {name}, whose exact J is not known. Allowed: {allowed}"


class GradientStudy(Study):
    """Bias and variance of every estimator, on the same rollouts (P3, P4, P5)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    batch_sizes: Annotated[list[Batch], Different] = Field(
        [16, 64, 256], min_length=1, description="trajectories in a batch"
    )
    replicates: Annotated[int, Field(ge=8)] = Field(200, description="independent batches")
    reference_replicates: Annotated[int, Field(ge=8)] = Field(
        200, description="batches of the largest size behind the reference gradient where no exact one exists"
    )


class ObjectiveStudy(ExactStudy):
    """Error of the sample mean of the return against the exact J (P1)."""

    n_trajectories: Annotated[list[Count], Different] = Field([1, 4, 16, 64, 256], min_length=2)
    replicates: Annotated[int, Field(ge=8)] = 400


class ReturnCurve(Model):
    """A smooth step from bad returns on the left to good ones on the right."""

    bad: Annotated[float, Field(lt=0, allow_inf_nan=False)]
    good: Positive
    turn: Finite = Field(description="where the curve passes the middle of the two")
    width: Positive = Field(description="of the step")


class ThreeSamples(Model):
    """One gradient step on three samples, with their returns in three versions (F3, F4, F5)."""

    mean: Finite = Field(0.0, description="μ of the policy before the step")
    spread: Positive = Field(1.0, description="its σ")
    return_curve: ReturnCurve
    constant: Positive = Field(2.5, description="added to all returns in F4; makes all of them positive")
    learning_rate: Positive = 0.3

    @model_validator(mode="after")
    def _all_positive(self) -> Self:
        if self.constant + self.return_curve.bad <= 0:
            message = "constant: allowed: above {least}, so that all returns become positive"
            raise PydanticCustomError("constant", message, {"least": f"{-self.return_curve.bad:g}"})
        return self


class ReturnShift(Study):
    """Variance and direction of the gradient by a constant added to the return (P2)."""

    environment: EnvironmentName
    constants: Annotated[list[Finite], Different] = Field(min_length=2)
    batch_size: Batch = Field(32, description="trajectories in a batch of the variance")
    few: Batch = Field(3, description="trajectories in a step whose direction is compared")
    replicates: Annotated[int, Field(ge=8)] = Field(2000, description="independent batches")

    @model_validator(mode="after")
    def _few_are_in_the_batch(self) -> Self:
        if self.few > self.batch_size:
            message = "few: allowed: at most batch_size, {n}, whose first trajectories they are"
            raise PydanticCustomError("few", message, {"n": self.batch_size})
        return self

    def misfits(self, environments: Environments, recipes: Recipes) -> Iterator[str]:
        """An environment whose variances are not known."""
        bandits = [name for name, model in environments.items() if model.id == "pgpipe/Bandit-v0"]
        if self.environment not in bandits:
            yield f"environment: found {self.environment}, no bandit. Allowed: {', '.join(bandits)}"
        elif getattr(environments[self.environment].policy, "parameterization", "") != "sigma":
            yield f"environment: found {self.environment}, whose policy is not by σ. Allowed: sigma"
        if (most := max(self.constants)) <= 0:
            yield f"constants: found at most {most:g}; allowed: one above 0, which C7 adds"


class NoisyLine(Model):
    """A line short enough for a quadrature over all its trajectories."""

    environment: EnvironmentName
    horizon: Annotated[int, Field(ge=1, le=3)] = Field(2, description="steps; every step adds two dimensions")
    start_std: Positive = Field(1.0, description="spread of the start: above zero, or there is no density")
    noise_std: Positive = Field(0.3, description="spread of a step's noise: likewise")


class SlipperyGrid(Model):
    """A room small enough to list all its trajectories."""

    environment: EnvironmentName
    size: Annotated[int, Field(ge=2, le=3)] = 2
    slip: Annotated[float, Field(gt=0, lt=1)] = Field(0.2, description="chance that a move goes elsewhere")
    horizon: Annotated[int, Field(ge=1, le=3)] = Field(3, description="steps; each branches some ten ways")


class TrajectoryStudy(Study):
    """Both sides of E3 to E10, where the probability of a trajectory can be written down."""

    line: NoisyLine | None = None
    grid: SlipperyGrid | None = None
    n_trajectories: Annotated[int, Field(ge=1000)] = Field(20_000, description="rollouts in each")

    def misfits(self, environments: Environments, recipes: Recipes) -> Iterator[str]:
        """Environments that are not what they stand for."""
        for kind in ("line", "grid"):
            part: NoisyLine | SlipperyGrid | None = getattr(self, kind)
            known = [
                name
                for name, environment in environments.items()
                if environment.oracle and environment.id == f"pgpipe/{kind.title()}-v0"
            ]
            if part and part.environment not in known:
                yield (
                    f"{kind}.environment: found {part.environment}, which is no {kind} with an exact J. "
                    f"Allowed: {', '.join(known)}"
                )


class ConvergenceStudy(ExactStudy):
    """Error of the gradient of N trajectories, and what a small step along it gains (C28)."""

    n_trajectories: Annotated[list[Count], Different] = Field([4, 16, 64, 256, 1024], min_length=2)
    replicates: Annotated[int, Field(ge=8)] = Field(100, description="independent batches of each size")
    step: Positive = Field(0.001, description="length of the step in θ")


class StepStudy(Study):
    """What one gradient step does to the trajectories it was computed from (C5, C29, F2, F6)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    policy: Literal["untrained", "half_trained", "trained"] = Field(
        "half_trained", description="stage of training at which the step is taken"
    )
    episodes: Annotated[int, Field(ge=3)] = Field(32, description="trajectories in the batch of a step")
    batches: Annotated[int, Field(ge=8)] = Field(100, description="independent batches, a step from each")
    permutations: Count = Field(4, description="times that a batch's returns are dealt out anew")
    length: Positive = Field(0.003, description="length of the step, ‖Δθ‖")

    def misfits(self, environments: Environments, recipes: Recipes) -> Iterator[str]:
        """A stage that nobody has trained."""
        trained_in = {recipe.environment for recipe in recipes.values()}
        for name in sorted(set(self.environments) - trained_in):
            if self.policy != "untrained":
                yield f"policy: found {self.policy}, but no recipe trains in {name}. Allowed: untrained"


class GaussianStudy(Study):
    """Gaussian policies along real rollouts: density, log-probability, score (F1, E12, E13)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    episodes: Count = Field(16, description="episodes whose steps are checked")

    def misfits(self, environments: Environments, recipes: Recipes) -> Iterator[str]:
        """Policies that are not Gaussian."""
        gaussian = [name for name, e in environments.items() if "gaussian" in e.policy.kind]
        for name in self.environments:
            if name not in gaussian:
                allowed = ", ".join(gaussian)
                yield f"environments: found {name}, whose policy is not Gaussian. Allowed: {allowed}"


class TwoActions(Study):
    """A policy over two actions by state, and the score of each action (F12)."""

    environment: EnvironmentName
    episodes: Count = Field(64, description="episodes that give the range of the states and their mean")
    points: Annotated[int, Field(ge=2)] = Field(81, description="values of each number of the state")

    def misfits(self, environments: Environments, recipes: Recipes) -> Iterator[str]:
        """More actions than two, or a continuum of them."""
        two = [name for name, environment in environments.items() if environment.n_actions == 2]
        if self.environment not in two:
            yield f"environment: found {self.environment}, which has other actions. Allowed: {', '.join(two)}"


class CausalityStudy(ExactStudy):
    """What an action cannot change, on the rollouts of the gradient study (E14 to E17, E20, E21)."""
