"""From the validated config to one plain dictionary for each job: the job is its spec.

A spec holds only what its job depends on, as plain values, so a change of the config redoes exactly the jobs
whose spec it changes. Each module stands beside the rules of the same name, and each function carries the
name of its rule and takes the rule's wildcards. This one holds what several have in common.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pgpipe.config.entries import Estimator
from pgpipe.config.model import Config
from pgpipe.config.recipes import ConjugateGradient
from pgpipe.envs import BATCHED

Spec = dict[str, Any]

# The lecture's own estimator, E11, as its sample form is first written down.
E11 = {"signal": "total_return", "baseline": "none", "score_discount": True}


@dataclass(frozen=True)
class Call:
    """What a job calls: the function in `module` that bears the rule's name, with this spec.

    `uses` are the modules, and files by their path, that the spec brings into play by name: what no import
    statement shows.
    """

    module: str
    spec: Spec
    uses: Sequence[str] = ()


def environment_spec(config: Config, name: str) -> Spec:
    """What rollouts in an environment depend on."""
    return {"name": name, **config.environments[name].model_dump(exclude={"snapshots"})}


def training_spec(config: Config, recipe: str) -> Spec:
    """What the training of one seed depends on."""
    model, estimator = config.recipes[recipe], config.estimators[config.recipes[recipe].estimator]
    natural = estimator.direction == "natural"
    step: Spec = {"optimizer": model.optimizer or ("sgd" if natural else "adam")}
    if model.kl is not None:
        step = {"optimizer": "sgd", "learning_rate": 1.0}  # the direction is the whole step
    solver = model.conjugate_gradient or ConjugateGradient.model_validate({})
    return {
        "seed": config.seed,
        "environment": environment_spec(config, model.environment),
        "estimator": estimator.model_dump(),
        **model.model_dump(exclude={"environment", "estimator", "seeds", "evaluation"}),
        **step,
        "conjugate_gradient": solver.model_dump() if natural else None,
    }


def estimator_group(config: Config, environment: str, estimators: dict[str, Estimator]) -> Spec:
    """Estimators in an environment, and the module that knows its value function, if one of them asks."""
    exact = any(estimator.knows_value for estimator in estimators.values())
    return {
        "environment": environment_spec(config, environment),
        "group": {name: estimator.model_dump() for name, estimator in estimators.items()},
        "module": config.environments[environment].oracle if exact else None,
    }


def modules(
    environments: Iterable[Spec] = (),
    estimators: Iterable[Mapping[str, Any]] = (),
    others: Iterable[str | None] = (),
) -> list[str]:
    """The modules behind environments and estimators, as a spec holds them, and the others that it names."""
    named = [BATCHED.get(environment["id"], "").partition(":")[0] for environment in environments]
    for estimator in estimators:
        named += [f"pgpipe.estimators.{family}s.{estimator[family]}" for family in ("signal", "baseline")]
        if (form := estimator.get("importance", "none")) != "none":
            named.append(f"pgpipe.estimators.importance.{form}")
    return [name for name in dict.fromkeys((*named, *others)) if name]


def training_modules(*trainings: Spec) -> list[str]:
    """The modules that trainings name."""
    return modules([t["environment"] for t in trainings], [t["estimator"] for t in trainings])


def group_modules(group: Spec) -> list[str]:
    """The modules that an estimator group names."""
    return modules([group["environment"]], group["group"].values(), [group["module"]])
