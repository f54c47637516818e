"""From the validated config to one plain dictionary for each job: the job is its spec.

A spec holds only what its job depends on, as plain values, so a change of the config redoes exactly the jobs
whose spec it changes. Its type is a `TypedDict` beside the function that reads it; those in a study are
imported for mypy alone, as studies import torch. A section's `specs.py` has a function for each of its rules,
which bears the rule's name and takes its wildcards. This one holds what several have in common.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pgpipe.config.base import Entries
from pgpipe.config.entries import CategoricalMLP, LinearGaussian, Policy, SoftmaxTable, Torch
from pgpipe.config.estimators import Estimator
from pgpipe.config.recipes import ConjugateGradient, Recipe, ValueNetwork
from pgpipe.envs import BATCHED
from pgpipe.envs.spec import EnvironmentSpec, GymnasiumSpec, LinearEnvironmentSpec
from pgpipe.estimators.parts import read_part
from pgpipe.estimators.spec import EstimatorSpec, PlainEstimatorSpec
from pgpipe.jobs.imports import REGISTRATION, is_own_environment
from pgpipe.policies.spec import PolicySpec, TorchSpec
from pgpipe.training.spec import (
    ConjugateGradientSpec,
    OptimizerName,
    RecipeSpec,
    TrainingSpec,
    ValueNetworkSpec,
)


@dataclass(frozen=True)
class Call:
    """What a job calls: the function in `module` that bears the rule's name, with this spec.

    `uses` are the modules, and files by their path, that the spec brings into play by name: what no import
    statement shows.
    """

    module: str
    spec: Mapping[str, object]
    uses: Sequence[str] = ()


def environment_spec(config: Entries, name: str) -> EnvironmentSpec:
    """What rollouts in an environment depend on."""
    model = config.environments[name]
    spec: EnvironmentSpec = {
        "name": name,
        "id": model.id,
        "kwargs": model.kwargs,
        "max_episode_steps": model.max_episode_steps,
        "gamma": model.gamma,
        "policy": policy_spec(model.policy),
    }
    # said only where it is so, as it is so in few
    return {**spec, "single": True} if model.single else spec


def grouped_environment_spec(config: Entries, name: str) -> EnvironmentSpec:
    """The same in the groups that trainings and the gradient study sample in; other studies need none."""
    spec, group = environment_spec(config, name), config.environments[name].group
    return {**spec, "group": group} if group else spec


def linear_environment_spec(config: Entries, name: str) -> LinearEnvironmentSpec:
    """The same for an environment with the lecture's policy.  Raises `ValueError` if it has another."""
    spec = environment_spec(config, name)
    policy = spec["policy"]
    if policy["kind"] != "linear_gaussian":
        raise ValueError(f"policy of {name}: found {policy['kind']}; allowed: linear_gaussian")
    return {**spec, "policy": policy}


def oracle_of(config: Entries, environment: str) -> str:
    """The module that knows the exact J and ∇J of an environment that has one, as the config sees to."""
    module = config.environments[environment].oracle
    assert module is not None
    return module


def policy_spec(policy: Policy) -> PolicySpec:
    """What a policy is built from."""
    if isinstance(policy, LinearGaussian):
        return {
            "kind": policy.kind,
            "k": policy.k,
            "sigma": policy.sigma,
            "parameterization": policy.parameterization,
        }
    if isinstance(policy, SoftmaxTable):
        return {"kind": policy.kind, "logits": policy.logits}
    if isinstance(policy, CategoricalMLP):
        return {"kind": policy.kind, "hidden": policy.hidden}
    if isinstance(policy, Torch):
        own: TorchSpec = {"kind": policy.kind, "module": policy.module, "kwargs": policy.kwargs}
        return own if policy.initial is None else {**own, "initial": policy.initial}
    return {"kind": policy.kind, "hidden": policy.hidden, "sigma": policy.sigma}


def spec_of_parts(signal: str, **options: object) -> EstimatorSpec:
    """The spec of an estimator that a study composes itself, as a config line with these parts would be."""
    return estimator_spec(Estimator.model_validate({"signal": signal, **options}))


def estimator_spec(estimator: Estimator) -> EstimatorSpec:
    """What an estimator is composed of; what came later than the rest, only where it is not the default."""
    spec: EstimatorSpec = {
        "signal": estimator.signal,
        "baseline": estimator.baseline,
        "score_discount": estimator.score_discount,
        "value": estimator.value,
        "gae_lambda": estimator.gae_lambda,
        "normalize": estimator.normalize,
        "direction": estimator.direction,
        "importance": estimator.importance,
        "self_normalize": estimator.self_normalize,
    }
    if estimator.aggregate != "trajectories":
        spec["aggregate"] = estimator.aggregate
    if estimator.longest is not None:
        spec["longest"] = estimator.longest
    if "clip" in estimator.asks:
        spec["clip"] = estimator.clip
    if "truncation" in estimator.asks:
        spec["truncation"] = estimator.truncation
    return spec


def training_spec(config: Entries, recipe: str) -> TrainingSpec:
    """What the training of one seed depends on."""
    model, estimator = config.recipes[recipe], config.estimators[config.recipes[recipe].estimator]
    natural = estimator.direction == "natural"
    optimizer, learning_rate = _step(model, natural)
    return {
        "seed": config.seed,
        "environment": grouped_environment_spec(config, model.environment),
        "estimator": estimator_spec(estimator),
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "kl": model.kl,
        "conjugate_gradient": _solver(model) if natural else None,
        "episodes": model.episodes,
        "steps": model.steps,
        "updates": model.updates,
        "reuse": model.reuse,
        "entropy": model.entropy,
        "max_gradient_norm": model.max_gradient_norm,
        "value_network": _value_network(model.value_network),
    }


def _step(recipe: Recipe, natural: bool) -> tuple[OptimizerName, float]:
    """Optimiser and learning rate; with a KL bound the direction is the whole step."""
    if recipe.learning_rate is None:
        return "sgd", 1.0
    return recipe.optimizer or ("sgd" if natural else "adam"), recipe.learning_rate


def _solver(recipe: Recipe) -> ConjugateGradientSpec:
    """That of the recipe, or the one it is by default."""
    solver = recipe.conjugate_gradient or ConjugateGradient.model_validate({})
    return {"iterations": solver.iterations, "residual": solver.residual, "damping": solver.damping}


def _value_network(network: ValueNetwork | None) -> ValueNetworkSpec | None:
    if network is None:
        return None
    rate, steps = network.learning_rate, network.gradient_steps
    return {"hidden": network.hidden, "learning_rate": rate, "gradient_steps": steps}


# The parts that an estimator has unless it says otherwise, which the composition itself imports.
BY_DEFAULT = {"importance": ("importance", "none"), "aggregate": ("aggregates", "trajectories")}


def modules(
    environments: Iterable[GymnasiumSpec] = (),
    estimators: Iterable[PlainEstimatorSpec] = (),
    others: Iterable[str | None] = (),
) -> list[str]:
    """The modules behind environments and estimators, as a spec holds them, and the others that it names."""
    named = []
    for environment in environments:
        named.append(_behind(environment["id"]))
        policy: Mapping[str, Any] = environment.get("policy", {})  # type: ignore[assignment]
        named.append(policy.get("module", "").partition(":")[0])
    for estimator in estimators:
        named.append(read_part("signals", estimator["signal"]).module)
        named.append(read_part("baselines", estimator["baseline"]).module)
        for option, (family, default) in BY_DEFAULT.items():
            if (name := str(estimator.get(option, default))) != default:
                named.append(read_part(family, name).module)
    return [name for name in dict.fromkeys((*named, *others)) if name]


def _behind(id: str) -> str:
    """What is behind an environment: the module of a batched one, its registration if it is one's own."""
    if id not in BATCHED and is_own_environment(id):
        return f"{REGISTRATION}{id}"
    return BATCHED.get(id, "").partition(":")[0]


def training_modules(*trainings: RecipeSpec) -> list[str]:
    """The modules that trainings name."""
    return modules([t["environment"] for t in trainings], [t["estimator"] for t in trainings])
