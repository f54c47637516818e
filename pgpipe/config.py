"""The typed, closed models of `config.yaml`: the one source of truth for what a config may say.

The Snakefile alone reads them; numeric modules get plain dictionaries made from them (`specs.py`), so a new
key redoes nothing. `python -m pgpipe.config` prints the JSON Schema that editors complete and check with.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

import gymnasium
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pgpipe.config_names import arguments, declared, gymnasium_id, known, module_names

EnvironmentName = Annotated[str, declared("environments")]
EstimatorName = Annotated[str, declared("estimators")]
RecipeName = Annotated[str, declared("recipes")]
Signal = Annotated[str, AfterValidator(lambda name: known(name, "signal", module_names("signals")))]
Baseline = Annotated[str, AfterValidator(lambda name: known(name, "baseline", module_names("baselines")))]


def _different(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("repeated", "an entry is repeated; allowed: each once", {})
    return values


def _rising(bounds: list[float]) -> list[float]:
    if len(bounds) == 2 and bounds[0] >= bounds[1]:
        raise PydanticCustomError("falling", "allowed: a lower and a higher bound, in this order", {})
    return bounds


Different = AfterValidator(_different)
Rising = AfterValidator(_rising)
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="lower-case letters, digits and _")]
Count = Annotated[int, Field(ge=1)]
Batch = Annotated[int, Field(ge=2)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


# Environments whose J and ∇J are known exactly, for this kind of policy, and the module that knows them.
EXACT = {
    ("pgpipe/Line-v0", "linear_gaussian"): "pgpipe.oracles.line",
    ("pgpipe/Grid-v0", "softmax_table"): "pgpipe.oracles.grid",
    ("pgpipe/Bandit-v0", "linear_gaussian"): "pgpipe.oracles.bandit",
    ("pgpipe/Chain-v0", "softmax_table"): "pgpipe.oracles.chain",
}

LEAVES_ONE_OUT = ("mean", "time_mean")  # baselines that need a second trajectory


class Model(BaseModel):
    """A closed, frozen mapping: unknown keys and near-miss types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LinearGaussian(Model):
    """a ~ N(k s, σ²) with θ = (k, σ), for one-dimensional observations and actions (E39)."""

    kind: Literal["linear_gaussian"]
    k: Finite = Field(description="initial feedback gain")
    sigma: Positive = Field(description="initial standard deviation of the action")


class SoftmaxTable(Model):
    """One logit for every observation-action pair, all zero at first."""

    kind: Literal["softmax_table"]


class CategoricalMLP(Model):
    """A tanh network whose outputs are the logits of a discrete action."""

    kind: Literal["categorical_mlp"]
    hidden: list[Count] = Field([64, 64], description="widths of the hidden layers")


class Environment(Model):
    """A Gymnasium environment, its objective's discount, and the policy that acts in it."""

    id: Annotated[str, AfterValidator(gymnasium_id)] = Field(description="any id that Gymnasium can make")
    kwargs: dict[str, Any] = Field({}, description="arguments of the environment")
    max_episode_steps: Count | None = Field(None, description="time limit (truncation); null keeps its own")
    gamma: float = Field(gt=0, le=1, description="discount of the objective J")
    policy: LinearGaussian | SoftmaxTable | CategoricalMLP = Field(discriminator="kind")
    snapshots: RecipeName | None = Field(
        None,
        description="recipe whose seed 0 gives the half-trained and trained policies; null: the first recipe "
        "that names this environment, or, if there is none, the untrained policy alone",
    )

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        unknown = set(self.kwargs) - set(allowed := arguments(self.id) or self.kwargs)
        for name in sorted(unknown):
            known(name, f"argument of {self.id}", list(allowed))
        try:
            env = gymnasium.make(self.id, **self.kwargs)
        except (gymnasium.error.Error, TypeError, ValueError, ImportError) as error:
            message = "{id} cannot be made: {error}"
            raise PydanticCustomError("environment", message, {"id": self.id, "error": str(error)}) from None
        discrete = isinstance(env.action_space, gymnasium.spaces.Discrete)
        one_number = env.action_space.shape == env.observation_space.shape == (1,)
        if not (one_number if self.policy.kind == "linear_gaussian" else discrete):
            message = "policy {kind} cannot act in {id}: observations {obs}, actions {actions}"
            spaces = {"obs": str(env.observation_space), "actions": str(env.action_space)}
            raise PydanticCustomError("policy", message, {"kind": self.policy.kind, "id": self.id, **spaces})
        if self.max_episode_steps and self.id.startswith("pgpipe/"):
            raise PydanticCustomError("horizon", "give {id} its horizon in kwargs instead", {"id": self.id})
        return self

    @property
    def oracle(self) -> str | None:
        """The module that knows this environment's exact J and ∇J, if there is one."""
        return EXACT.get((self.id, self.policy.kind))


class Estimator(Model):
    """A gradient estimator, composed of parts: each part's name is a file under `pgpipe/estimators/`."""

    signal: Signal = Field(description="what a step is credited with: a file of estimators/signals")
    baseline: Baseline = Field("none", description="what is subtracted: a file of estimators/baselines")
    score_discount: bool = Field(
        True,
        description="true: γᵗ in front of the score of step t, the gradient of the discounted J; "
        "false: without it, which most code does and which is another direction. A total return is "
        "counted from step 0, so its factor is 1 either way",
    )


class Recipe(Model):
    """How a policy is trained."""

    environment: EnvironmentName
    estimator: EstimatorName
    optimizer: Literal["sgd", "momentum", "adam"] = "adam"
    learning_rate: Positive
    episodes: Count = Field(32, description="episodes in the batch of one update")
    updates: Count = 100


class GradientStudy(Model):
    """Bias and variance of every estimator, on the same rollouts (P3, P4, P5)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    batch_sizes: Annotated[list[Batch], Different] = Field(
        [16, 64, 256], min_length=1, description="trajectories in a batch"
    )
    replicates: Annotated[int, Field(ge=8)] = Field(200, description="independent batches")
    reference_replicates: Annotated[int, Field(ge=8)] = Field(
        200, description="batches of the largest size behind the reference gradient where no exact one exists"
    )


class ObjectiveStudy(Model):
    """Error of the sample mean of the return against the exact J (P1)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    n_trajectories: Annotated[list[Count], Different] = Field([1, 4, 16, 64, 256], min_length=2)
    replicates: Annotated[int, Field(ge=8)] = 400


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


class TrajectoryStudy(Model):
    """Both sides of E3 to E10, where the probability of a trajectory can be written down."""

    line: NoisyLine | None = None
    grid: SlipperyGrid | None = None
    n_trajectories: Annotated[int, Field(ge=1000)] = Field(20_000, description="rollouts in each")


class ConvergenceStudy(Model):
    """Error of the gradient of N trajectories, and what a small step along it gains (C28)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    n_trajectories: Annotated[list[Count], Different] = Field([4, 16, 64, 256, 1024], min_length=2)
    replicates: Annotated[int, Field(ge=8)] = Field(100, description="independent batches of each size")
    step: Positive = Field(0.001, description="length of the step in θ")


class VectorField(Model):
    """The gradient of J over (k, σ) on the line, for several spreads of the start (F9)."""

    environment: EnvironmentName
    start_stds: Annotated[list[Annotated[float, Field(ge=0)]], Different] = Field([1.0, 0.01], min_length=1)
    k: Annotated[list[Finite], Rising] = Field(
        [-1.6, 0.4], min_length=2, max_length=2, description="range of the gain"
    )
    sigma: Annotated[list[Positive], Rising] = Field(
        [0.025, 1.0], min_length=2, max_length=2, description="range of σ"
    )
    points: Annotated[int, Field(ge=3, le=100)] = Field(19, description="grid points on each axis")


class Config(Model):
    """The lecture: what to compute."""

    seed: Annotated[int, Field(ge=0)] = Field(0, description="root of every random stream")
    environments: dict[Key, Environment] = Field(min_length=1)
    estimators: dict[Key, Estimator] = Field(min_length=1)
    recipes: dict[Key, Recipe] = {}
    seeds: Count = Field(30, description="training seeds of every recipe")
    seeds_per_block: Count = Field(16, description="seeds that one training job computes side by side")
    gradient_study: GradientStudy
    objective_study: ObjectiveStudy | None = None
    trajectory_study: TrajectoryStudy | None = None
    convergence_study: ConvergenceStudy | None = None
    vector_field: VectorField | None = None
    resamples: Annotated[int, Field(ge=100)] = Field(2000, description="bootstrap resamples of an interval")

    @model_validator(mode="after")
    def _entries_fit_together(self) -> Self:
        if misfits := "; ".join(self._misfits()):
            raise PydanticCustomError("misfit", "{misfits}", {"misfits": misfits})
        return self

    def _misfits(self) -> Iterator[str]:
        """What no entry can know by itself: key path, found, allowed."""
        for name, recipe in self.recipes.items():
            if recipe.episodes < 2 and self.estimators[recipe.estimator].baseline in LEAVES_ONE_OUT:
                yield f"recipes.{name}.episodes: found 1; allowed: at least 2, as the mean leaves one out"
        for name, environment in self.environments.items():
            trained = environment.snapshots and self.recipes[environment.snapshots].environment
            if trained not in (None, name):
                yield f"environments.{name}.snapshots: found a recipe that trains in {trained}"
        exact = [name for name, environment in self.environments.items() if environment.oracle]
        for key in ("objective_study", "convergence_study"):
            for name in study.environments if (study := getattr(self, key)) else []:
                if name not in exact:
                    yield (
                        f"{key}.environments: found {name}, whose exact J is not known. "
                        f"Allowed: {', '.join(exact)}"
                    )
        lines = [
            name for name, environment in self.environments.items() if environment.id == "pgpipe/Line-v0"
        ]
        if self.vector_field and self.vector_field.environment not in lines:
            found = self.vector_field.environment
            yield f"vector_field.environment: found {found}, which is no line. Allowed: {', '.join(lines)}"
        yield from self._trajectory_misfits(exact)

    def _trajectory_misfits(self, exact: list[str]) -> Iterator[str]:
        """Environments of the trajectory study that are not what they stand for."""
        for kind in ("line", "grid"):
            part = self.trajectory_study and getattr(self.trajectory_study, kind)
            known = [name for name in exact if self.environments[name].id == f"pgpipe/{kind.title()}-v0"]
            if part and part.environment not in known:
                yield (
                    f"trajectory_study.{kind}.environment: found {part.environment}, which is no {kind} with "
                    f"an exact J. Allowed: {', '.join(known)}"
                )


def json_schema() -> str:
    """Return the JSON Schema of `config.yaml` as text, as committed under `workflow/schemas/`."""
    schema: dict[str, Any] = Config.model_json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(json_schema(), end="")
