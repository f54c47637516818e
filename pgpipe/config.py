"""The typed, closed models of `config.yaml`: the one source of truth for what a config may say.

The Snakefile alone reads them; numeric modules get plain dictionaries made from them (`specs.py`), so a new
key redoes nothing. `python -m pgpipe.config` prints the JSON Schema that editors complete and check with.
"""

import json
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import gymnasium
from gymnasium.envs.registration import load_env_creator
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

import pgpipe.envs  # noqa: F401  registers pgpipe's own environments with Gymnasium
from pgpipe.nearest import nearest_name

ESTIMATORS = Path(__file__).parent / "estimators"


def module_names(family: str) -> list[str]:
    """Names of the modules of one family of estimator parts: the file name is the registration."""
    return sorted(path.stem for path in (ESTIMATORS / family).glob("[!_]*.py"))


def known(name: str, family: str, names: list[str]) -> str:
    """Return `name`; raise the validation error that lists `names` and the nearest one if it is not there."""
    if name not in names:
        raise PydanticCustomError(
            "unknown_name",
            "unknown {family} '{name}'{nearest} Known: {known}",
            {
                "family": family,
                "name": name,
                "nearest": nearest_name(name, names),
                "known": ", ".join(names) or "none",
            },
        )
    return name


def _declared(family: str) -> AfterValidator:
    """A name declared in the config itself, under the top-level key `family`."""

    def check(name: str, info: ValidationInfo) -> str:
        context = info.context or {}
        return known(name, family.rstrip("s"), list(context.get(family, [name])))

    return AfterValidator(check)


def _gymnasium_id(id: str) -> str:
    try:
        gymnasium.spec(id)
    except (gymnasium.error.Error, ImportError) as error:
        raise PydanticCustomError("unknown_name", "{error}", {"error": str(error)}) from None
    return id


def _arguments(id: str) -> list[str]:
    """The names of an environment's arguments, or none where it takes any."""
    entry = gymnasium.spec(id).entry_point
    creator = load_env_creator(entry) if isinstance(entry, str) else entry
    parameters = signature(creator).parameters.values() if creator else []
    takes_any = any(p.kind is Parameter.VAR_KEYWORD for p in parameters)
    return [] if takes_any else [p.name for p in parameters]


EnvironmentName = Annotated[str, _declared("environments")]
EstimatorName = Annotated[str, _declared("estimators")]
RecipeName = Annotated[str, _declared("recipes")]
Signal = Annotated[str, AfterValidator(lambda name: known(name, "signal", module_names("signals")))]
Baseline = Annotated[str, AfterValidator(lambda name: known(name, "baseline", module_names("baselines")))]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="lower-case letters, digits and _")]
Count = Annotated[int, Field(ge=1)]
Batch = Annotated[int, Field(ge=2)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


# Environments whose J and ∇J are known exactly, for this kind of policy, and the module that knows them.
EXACT = {
    ("pgpipe/Line-v0", "linear_gaussian"): "pgpipe.oracles.line",
    ("pgpipe/Grid-v0", "softmax_table"): "pgpipe.oracles.grid",
}


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

    id: Annotated[str, AfterValidator(_gymnasium_id)] = Field(description="any id that Gymnasium can make")
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
        unknown = set(self.kwargs) - set(allowed := _arguments(self.id) or self.kwargs)
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
        "false: without it, which most code does and which is another direction",
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

    environments: list[EnvironmentName] = Field(min_length=1)
    batch_sizes: list[Batch] = Field([16, 64, 256], min_length=1, description="trajectories in a batch")
    replicates: Annotated[int, Field(ge=8)] = Field(200, description="independent batches")
    reference_replicates: Annotated[int, Field(ge=8)] = Field(
        200, description="batches of the largest size behind the reference gradient where no exact one exists"
    )


class ObjectiveStudy(Model):
    """Error of the sample mean of the return against the exact J (P1)."""

    environments: list[EnvironmentName] = Field(min_length=1)
    n_trajectories: list[Count] = Field([1, 4, 16, 64, 256], min_length=2)
    replicates: Annotated[int, Field(ge=8)] = 400


class VectorField(Model):
    """The gradient of J over (k, σ) on the line, for several spreads of the start (F9)."""

    environment: EnvironmentName
    start_stds: list[Annotated[float, Field(ge=0)]] = Field([1.0, 0.01], min_length=1)
    k: list[Finite] = Field([-1.6, 0.4], min_length=2, max_length=2, description="range of the gain")
    sigma: list[Positive] = Field([0.025, 1.0], min_length=2, max_length=2, description="range of σ")
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
    vector_field: VectorField | None = None
    resamples: Annotated[int, Field(ge=100)] = Field(2000, description="bootstrap resamples of an interval")

    @model_validator(mode="after")
    def _exact_where_needed(self) -> Self:
        exact = [name for name, environment in self.environments.items() if environment.oracle]
        needed = {"objective_study.environments": self.objective_study and self.objective_study.environments}
        field = self.vector_field and self.vector_field.environment
        for key, names in needed.items():
            if unknown := sorted(set(names or []) - set(exact)):
                raise PydanticCustomError(
                    "exact",
                    "{key}: found {unknown}, whose exact J is not known. Allowed: {exact}",
                    {"key": key, "unknown": ", ".join(unknown), "exact": ", ".join(exact)},
                )
        if field and self.environments[field].policy.kind != "linear_gaussian":
            message = "vector_field.environment: found {name}, whose policy is not linear_gaussian"
            raise PydanticCustomError("exact", message, {"name": field})
        return self

    @model_validator(mode="after")
    def _leave_one_out_needs_another(self) -> Self:
        for name, recipe in self.recipes.items():
            if self.estimators[recipe.estimator].baseline == "mean" and recipe.episodes < 2:
                raise PydanticCustomError(
                    "episodes",
                    "recipes.{name}.episodes: found 1; allowed: at least 2, as the mean leaves one out",
                    {"name": name},
                )
        return self


def json_schema() -> str:
    """Return the JSON Schema of `config.yaml` as text, as committed under `workflow/schemas/`."""
    schema: dict[str, Any] = Config.model_json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(json_schema(), end="")
