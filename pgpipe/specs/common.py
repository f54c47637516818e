"""From the validated config to one plain dictionary for each job: the job is its spec.

A spec holds only what its job depends on, as plain values, so a change of the config redoes exactly the jobs
whose spec it changes. Each module stands beside the rules of the same name, and each function carries the
name of its rule's script and takes the rule's wildcards. This one holds what several have in common.
"""

from typing import Any

from pgpipe.config.entries import Estimator
from pgpipe.config.model import Config
from pgpipe.config.recipes import ConjugateGradient
from pgpipe.envs import BATCHED

Spec = dict[str, Any]

# The lecture's own estimator, E11, as its sample form is first written down.
E11 = {"signal": "total_return", "baseline": "none", "score_discount": True}


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


def modules(spec: Spec) -> list[str]:
    """The modules that a spec brings into play by a name, which no import statement shows."""
    named = []
    for part in (spec, spec.get("training", {}), spec.get("contrast", {}), *spec.get("parts", ())):
        if isinstance(environment := part.get("environment"), dict):
            module, _, _ = BATCHED.get(environment["id"], "").partition(":")
            named += [module] if module else []
        for estimator in part.get("group", {"": part.get("estimator")}).values():
            parts = ("signal", "baseline") if estimator else ()
            named += [f"pgpipe.estimators.{family}s.{estimator[family]}" for family in parts]
            form = estimator.get("importance", "none") if estimator else "none"
            named += [f"pgpipe.estimators.importance.{form}"] if form != "none" else []
        named += [part[role] for role in ("module", "dynamics", "known") if part.get(role)]
    return list(dict.fromkeys(named))
