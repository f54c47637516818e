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

from pgpipe.config_names import arguments, declared, gymnasium_id, known, module_names, needs

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
    ("pgpipe/Coin-v0", "softmax_table"): "pgpipe.oracles.coin",
}

LEAVES_ONE_OUT = ("mean", "time_mean", "optimal")  # baselines that need a second trajectory


class Model(BaseModel):
    """A closed, frozen mapping: unknown keys and near-miss types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LinearGaussian(Model):
    """a ~ N(k s, σ²) with θ = (k, σ), for one-dimensional observations and actions (E39)."""

    kind: Literal["linear_gaussian"]
    k: Finite = Field(description="initial feedback gain")
    sigma: Positive = Field(description="initial standard deviation of the action")


class SoftmaxTable(Model):
    """One logit for every observation-action pair."""

    kind: Literal["softmax_table"]
    logits: list[Finite] | None = Field(
        None, description="initial logits of the actions, the same in every state; null: all zero"
    )


class CategoricalMLP(Model):
    """A tanh network whose outputs are the logits of a discrete action."""

    kind: Literal["categorical_mlp"]
    hidden: list[Count] = Field([64, 64], description="widths of the hidden layers")


class GaussianMLP(Model):
    """a ~ N(f(s), diag σ²) with a tanh network f, θ = (its weights and biases, log σ) (E12)."""

    kind: Literal["gaussian_mlp"]
    hidden: list[Count] = Field([64, 64], description="widths of the hidden layers")
    sigma: Positive = Field(1.0, description="initial standard deviation of every action number")


# What each kind of policy needs of an environment.
NEEDS = {
    "linear_gaussian": "one observed number and one action number",
    "softmax_table": "discrete actions",
    "categorical_mlp": "discrete actions",
    "gaussian_mlp": "actions in a Box of one axis",
}


class Environment(Model):
    """A Gymnasium environment, its objective's discount, and the policy that acts in it."""

    id: Annotated[str, AfterValidator(gymnasium_id)] = Field(description="any id that Gymnasium can make")
    kwargs: dict[str, Any] = Field({}, description="arguments of the environment")
    max_episode_steps: Count | None = Field(None, description="time limit (truncation); null keeps its own")
    gamma: float = Field(gt=0, le=1, description="discount of the objective J")
    policy: LinearGaussian | SoftmaxTable | CategoricalMLP | GaussianMLP = Field(discriminator="kind")
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
        self._policy_can_act(env.observation_space, env.action_space)
        if self.max_episode_steps and self.id.startswith("pgpipe/"):
            raise PydanticCustomError("horizon", "give {id} its horizon in kwargs instead", {"id": self.id})
        return self

    def _policy_can_act(self, observations: gymnasium.Space[Any], actions: gymnasium.Space[Any]) -> None:
        """Raise the validation error that says what the policy needs and what the environment has."""
        kind, discrete = self.policy.kind, isinstance(actions, gymnasium.spaces.Discrete)
        fits = {
            "linear_gaussian": actions.shape == observations.shape == (1,),
            "gaussian_mlp": isinstance(actions, gymnasium.spaces.Box) and len(actions.shape) == 1,
        }
        if not fits.get(kind, discrete):
            text = "policy {kind} cannot act in {id}: observations {obs}, actions {actions}; needed: {needs}"
            spaces = {"obs": str(observations), "actions": str(actions), "needs": NEEDS[kind]}
            raise PydanticCustomError("policy", text, {"kind": kind, "id": self.id, **spaces})
        if isinstance(self.policy, SoftmaxTable) and self.policy.logits is not None:
            found, n = len(self.policy.logits), int(getattr(actions, "n", 0))
            if found != n:
                message = "policy.logits: found {found} numbers; allowed: {n}, one for each action of {id}"
                raise PydanticCustomError("logits", message, {"found": found, "n": n, "id": self.id})

    @property
    def n_actions(self) -> int | None:
        """How many actions there are to choose from; None if they are continuous."""
        space = gymnasium.make(self.id, **self.kwargs).action_space
        return int(space.n) if isinstance(space, gymnasium.spaces.Discrete) else None

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
    value: Literal["critic", "exact"] = Field(
        "critic",
        description="V of the signals and baselines that ask for one. critic: a linear fit on the other "
        "trajectories; exact: the true V, in the study's environments that have one",
    )
    gae_lambda: Annotated[float, Field(ge=0, le=1)] = Field(
        0.95, description="λ of the signal gae: 0 trusts the value function, 1 the rewards"
    )
    normalize: bool = Field(
        False,
        description="true: advantages are centred and divided by their standard deviation over the batch, "
        "which is a bias",
    )

    @model_validator(mode="after")
    def _uses_what_it_sets(self) -> Self:
        for option, parameter in (("value", "values"), ("gae_lambda", "gae_lambda")):
            if option in self.model_fields_set and parameter not in self.asks:
                message = "{option} is set, but neither signal {signal} nor baseline {baseline} uses it"
                parts = {"option": option, "signal": self.signal, "baseline": self.baseline}
                raise PydanticCustomError("unused", message, parts)
        if self.normalize and self.per_parameter:
            message = "normalize: found true; allowed: false, as baseline {baseline} acts on no advantages"
            raise PydanticCustomError("normalize", message, {"baseline": self.baseline})
        return self

    @property
    def asks(self) -> set[str]:
        """What its parts ask for."""
        return {*needs("signals", self.signal), *needs("baselines", self.baseline)}

    @property
    def per_parameter(self) -> bool:
        """Whether its baseline is a number for each parameter."""
        return "rows" in self.asks

    @property
    def needs_others(self) -> bool:
        """Whether a batch of one trajectory leaves it nothing to go by."""
        fits = "values" in self.asks and self.value == "critic"
        return fits or self.baseline in LEAVES_ONE_OUT

    @property
    def knows_value(self) -> bool:
        """Whether it asks for the exact value function, which few environments have."""
        return "values" in self.asks and self.value == "exact"


class Recipe(Model):
    """How a policy is trained."""

    environment: EnvironmentName
    estimator: EstimatorName
    optimizer: Literal["sgd", "momentum", "adam"] = "adam"
    learning_rate: Positive
    episodes: Count = Field(32, description="episodes in the batch of one update")
    updates: Count = 100
    seeds: Annotated[int, Field(ge=0)] | None = Field(
        None,
        description="training seeds; null: the config's; 0: none, only for the study's policies",
    )


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


class ReturnShift(Model):
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


class StepStudy(Model):
    """What one gradient step does to the trajectories it was computed from (C5, C29, F2, F6)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    policy: Literal["untrained", "half_trained", "trained"] = Field(
        "half_trained", description="stage of training at which the step is taken"
    )
    episodes: Annotated[int, Field(ge=3)] = Field(32, description="trajectories in the batch of a step")
    batches: Annotated[int, Field(ge=8)] = Field(100, description="independent batches, a step from each")
    permutations: Count = Field(4, description="times that a batch's returns are dealt out anew")
    length: Positive = Field(0.003, description="length of the step, ‖Δθ‖")


class GaussianStudy(Model):
    """Gaussian policies along real rollouts: density, log-probability, score (F1, E12, E13)."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)
    episodes: Count = Field(16, description="episodes whose steps are checked")


class TwoActions(Model):
    """A policy over two actions by state, and the score of each action (F12)."""

    environment: EnvironmentName
    episodes: Count = Field(64, description="episodes that give the range of the states and their mean")
    points: Annotated[int, Field(ge=2)] = Field(81, description="values of each number of the state")


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
    three_samples: ThreeSamples | None = None
    return_shift: ReturnShift | None = None
    trajectory_study: TrajectoryStudy | None = None
    convergence_study: ConvergenceStudy | None = None
    step_study: StepStudy | None = None
    gaussian_study: GaussianStudy | None = None
    two_actions: TwoActions | None = None
    vector_field: VectorField | None = None
    resamples: Annotated[int, Field(ge=100)] = Field(2000, description="bootstrap resamples of an interval")

    def seeds_of(self, recipe: str) -> int:
        """How many seeds of a recipe are trained for the learning curves."""
        own = self.recipes[recipe].seeds
        return self.seeds if own is None else own

    @model_validator(mode="after")
    def _entries_fit_together(self) -> Self:
        if misfits := "; ".join(self._misfits()):
            raise PydanticCustomError("misfit", "{misfits}", {"misfits": misfits})
        return self

    def _misfits(self) -> Iterator[str]:
        """What no entry can know by itself: key path, found, allowed."""
        for name, recipe in self.recipes.items():
            estimator = self.estimators[recipe.estimator]
            if recipe.episodes < 2 and estimator.needs_others:
                yield f"recipes.{name}.episodes: found 1; allowed: at least 2, as the own one is left out"
            if estimator.knows_value:
                yield f"recipes.{name}.estimator: found {recipe.estimator}; its exact value is the study's"
        for name, environment in self.environments.items():
            trained = environment.snapshots and self.recipes[environment.snapshots].environment
            if trained not in (None, name):
                yield f"environments.{name}.snapshots: found a recipe that trains in {trained}"
        exact = [name for name, environment in self.environments.items() if environment.oracle]
        bandits = [name for name, model in self.environments.items() if model.id == "pgpipe/Bandit-v0"]
        if self.return_shift and self.return_shift.environment not in bandits:
            found = self.return_shift.environment
            yield f"return_shift.environment: found {found}, no bandit. Allowed: {', '.join(bandits)}"
        for key in ("objective_study", "convergence_study"):
            for name in study.environments if (study := getattr(self, key)) else []:
                if name not in exact:
                    yield (
                        f"{key}.environments: found {name}, whose exact J is not known. "
                        f"Allowed: {', '.join(exact)}"
                    )
        trained_in = {recipe.environment for recipe in self.recipes.values()}
        if (study := self.step_study) and study.policy != "untrained":
            for name in sorted(set(study.environments) - trained_in):
                yield (
                    f"step_study.policy: found {study.policy}, but no recipe trains in {name}. "
                    "Allowed: untrained"
                )
        gaussian = [name for name, e in self.environments.items() if "gaussian" in e.policy.kind]
        for name in self.gaussian_study.environments if self.gaussian_study else []:
            if name not in gaussian:
                yield (
                    f"gaussian_study.environments: found {name}, whose policy is not Gaussian. "
                    f"Allowed: {', '.join(gaussian)}"
                )
        two = [name for name, e in self.environments.items() if e.n_actions == 2]
        if self.two_actions and self.two_actions.environment not in two:
            found = self.two_actions.environment
            yield (
                f"two_actions.environment: found {found}, which has other actions. Allowed: {', '.join(two)}"
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
