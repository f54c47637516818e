"""What a config names and refers to: environments with their policies."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import gymnasium
from gymnasium.spaces.utils import flatten_space
from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from pgpipe.config.fields import (
    Batch,
    Count,
    Finite,
    Model,
    Positive,
    RecipeName,
)
from pgpipe.config.names import arguments, gymnasium_id, known, module_and_name
from pgpipe.config.own_policies import complaint
from pgpipe.envs import BATCHED
from pgpipe.envs.contract import KEPT, Finding
from pgpipe.envs.remembered import Made, finding, made
from pgpipe.envs.spec import GymnasiumSpec
from pgpipe.estimators.composed import Composed
from pgpipe.oracles.known import EXACT, KNOWS
from pgpipe.spaces import action_problem, observation_problem


class LinearGaussian(Model):
    """a ~ N(k s, σ²) with θ = (k, σ), for one-dimensional observations and actions (E39)."""

    kind: Literal["linear_gaussian"]
    k: Finite = Field(description="initial feedback gain")
    sigma: Positive = Field(description="initial standard deviation of the action")
    parameterization: Literal["sigma", "log_sigma", "sigma_squared"] = Field(
        "sigma", description="what the second parameter is: σ, log σ or σ²"
    )


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


class Torch(Model):
    """A torch module, or a function of parameters and observations, that gives a torch distribution."""

    kind: Literal["torch"]
    module: Annotated[str, AfterValidator(module_and_name)] = Field(
        description="module:name of a subclass of torch.nn.Module, made with the observation space (flat), "
        "the action space and kwargs; or of a function of theta, obs and kwargs"
    )
    kwargs: dict[str, Any] = Field({}, description="arguments of the class or function")
    initial: list[Finite] | None = Field(
        None, description="what a function's theta starts from; null for a module, which draws its own"
    )


Policy = LinearGaussian | SoftmaxTable | CategoricalMLP | GaussianMLP | Torch

# What each kind of policy needs of an environment.
NEEDS = {
    "linear_gaussian": "one observed number and one action number",
    "softmax_table": "one discrete action",
    "categorical_mlp": "discrete actions, one or several at once",
    "gaussian_mlp": "actions in a Box",
}


class Environment(Model):
    """A Gymnasium environment, its objective's discount, and the policy that acts in it."""

    id: Annotated[str, AfterValidator(gymnasium_id)] = Field(description="any id that Gymnasium can make")
    kwargs: dict[str, Any] = Field({}, description="arguments of the environment")
    max_episode_steps: Count | None = Field(None, description="time limit (truncation); null keeps its own")
    gamma: float = Field(gt=0, le=1, description="discount of the objective J")
    group: Batch | None = Field(
        None,
        description="episodes of a batch that begin in one start state, as group baselines need them; null: "
        "each draws its own",
    )
    policy: Policy = Field(discriminator="kind")
    snapshots: RecipeName | None = Field(
        None,
        description="recipe whose seed 0 gives the half-trained and trained policies; null: the first recipe "
        "that names this environment, or, if there is none, the untrained policy alone",
    )

    _finding: Finding = PrivateAttr(default=KEPT)

    @model_validator(mode="after")
    def _can_be_made(self, info: ValidationInfo) -> Self:
        unknown = set(self.kwargs) - set(allowed := arguments(self.id) or self.kwargs)
        for name in sorted(unknown):
            known(name, f"argument of {self.id}", list(allowed))
        if self.id not in BATCHED:
            self._keeps_the_contract((info.context or {}).get("findings"))
        try:
            spaces = self.made
        except (gymnasium.error.Error, TypeError, ValueError, ImportError) as error:
            message = "{id} cannot be made: {error}"
            raise PydanticCustomError("environment", message, {"id": self.id, "error": str(error)}) from None
        self._policy_can_act(spaces.observations, spaces.actions)
        if isinstance(self.policy, Torch):
            self._is_a_policy(spaces, (info.context or {}).get("findings"))
        if self.group and self.id not in BATCHED:
            message = "group: found {group}; allowed: null, as {id} has no batched form"
            raise PydanticCustomError("group", message, {"group": self.group, "id": self.id})
        if self.max_episode_steps and self.id.startswith("pgpipe/"):
            raise PydanticCustomError("horizon", "give {id} its horizon in kwargs instead", {"id": self.id})
        return self

    def _keeps_the_contract(self, folder: Path | None) -> None:
        """Raise the validation error that says what no job could do with; remember what has to be known."""
        self._finding = finding(self._spec(), folder)
        if problem := self._finding["problem"]:
            message = "{id}: {problem}"
            raise PydanticCustomError("environment", message, {"id": self.id, "problem": problem})

    def _spec(self) -> GymnasiumSpec:
        return {"id": self.id, "kwargs": self.kwargs, "max_episode_steps": self.max_episode_steps}

    @property
    def made(self) -> Made:
        """What one instance says of itself."""
        return made(self.id, json.dumps(self.kwargs, sort_keys=True), self.max_episode_steps)

    @property
    def notes(self) -> list[str]:
        """What a reader of the results has to know, as a short episode has shown it; most often nothing."""
        return [f"{self.id}: {note}" for note in self._finding["notes"]]

    @property
    def single(self) -> bool:
        """Whether only one of it may exist in a process at a time."""
        return self._finding["single"]

    def _policy_can_act(self, observations: gymnasium.Space[Any], actions: gymnasium.Space[Any]) -> None:
        """Raise the validation error that says what the policy needs and what the environment has."""
        if problem := observation_problem(observations) or action_problem(actions):
            raise PydanticCustomError("spaces", "{id}: {problem}", {"id": self.id, "problem": problem})
        kind, real = self.policy.kind, isinstance(actions, gymnasium.spaces.Box)
        discrete = isinstance(actions, gymnasium.spaces.Discrete)
        fits = {
            "linear_gaussian": actions.shape == observations.shape == (1,),
            "gaussian_mlp": real,
            "categorical_mlp": not real,
            "torch": True,
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

    def _is_a_policy(self, spaces: Made, folder: Path | None) -> None:
        """Raise the validation error that says why somebody's policy is none for this environment."""
        spec = self.policy.model_dump()
        if problem := complaint(spec, flatten_space(spaces.observations), spaces.actions, folder):
            message = "policy.module: found {module}; {problem}"
            raise PydanticCustomError("policy", message, {"module": spec["module"], "problem": problem})

    @property
    def n_actions(self) -> int | None:
        """How many actions there are to choose from; None if they are continuous."""
        space = self.made.actions
        return int(space.n) if isinstance(space, gymnasium.spaces.Discrete) else None

    @property
    def longest(self) -> int | None:
        """Steps that an episode has at most; None if it may go on for ever."""
        return self.made.longest

    @property
    def oracle(self) -> str | None:
        """The module that knows this environment's exact J and ∇J, if there is one."""
        return EXACT.get((self.id, self.policy.kind))

    def suits(self, composed: Composed) -> bool:
        """Whether it has what an estimator asks for: groups, and what an oracle knows."""
        has_all = all(self.id in KNOWS[name] for name in composed.needs_of_oracle)
        exact = self.oracle is not None and has_all
        return (exact or not composed.needs_exact_value) and (
            self.group is not None or not composed.needs_groups
        )
