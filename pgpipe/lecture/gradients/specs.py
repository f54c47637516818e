"""Specs of the gradient study."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.config.estimators import Estimator
from pgpipe.envs.spec import SampledSpec
from pgpipe.estimators.spec import E11, REWARD_TO_GO_MEAN, EstimatorSpec
from pgpipe.lecture import declared, registry
from pgpipe.lecture.common.ladder import RUNGS
from pgpipe.lecture.common.specs import (
    Call,
    environment_spec,
    estimator_spec,
    grouped_environment_spec,
    modules,
    training_modules,
    training_spec,
)
from pgpipe.lecture.gradients.blocks import GradientStudy

if TYPE_CHECKING:
    from pgpipe.lecture.gradients.certificate import EstimatorsSpec
    from pgpipe.lecture.gradients.comparison import GradientsSpec
    from pgpipe.lecture.gradients.estimates import EstimatesSpec, GroupSpec
    from pgpipe.lecture.gradients.estimator_costs import OperationsSpec
    from pgpipe.lecture.gradients.exact_variances import VariancesSpec
    from pgpipe.lecture.gradients.reference import ExactReferenceSpec
    from pgpipe.lecture.gradients.rollouts import RolloutsSpec
    from pgpipe.lecture.gradients.samples import SamplesSpec
    from pgpipe.oracles.rollouts import SampledReferenceSpec
    from pgpipe.training.snapshots import SnapshotsSpec, UntrainedSpec

# What the line of every estimator says; other keys only where they are not the default.
REQUIRED = EstimatorSpec.__required_keys__
# Batches whose estimates are listed one by one: as many as a picture can show.
SAMPLES = 200


def study_estimators(config: Entries, environment: str) -> dict[str, Estimator]:
    """The estimators of the gradient study: estimates of ∇J, all of them on a policy's own samples.

    An exact value function is not known everywhere, groups are not sampled everywhere, and importance weights
    are all one there.
    """
    where = config.environments[environment]
    own = {name: e for name, e in config.estimators.items() if e.direction == "vanilla" and not e.weighs}
    return {name: e for name, e in own.items() if where.suits(e.composed)}


def studied_environments(config: Entries) -> list[str]:
    """The environments of the gradient study, none if the config leaves it out."""
    study = config.find(GradientStudy)
    return study.environments if study else []


def listed_environments(config: Entries) -> list[str]:
    """The environments of the gradient study whose trajectories an oracle lists, by its `outcomes`.

    If there are none, the first environment: its empty table still has the columns.
    """
    oracles = {name: config.environments[name].oracle for name in studied_environments(config)}
    listed = [
        name
        for name, module in oracles.items()
        if module and "outcomes" in declared.functions(registry.source_of(module))
    ]
    return listed or list(oracles)[:1]


def plane_environments(config: Entries) -> list[str]:
    """The lines of the gradient study: ∇J is exact there, and lies with all its estimates on a plane."""
    environments = ((name, config.environments[name]) for name in studied_environments(config))
    return [name for name, e in environments if e.oracle and e.id == "pgpipe/Line-v0"]


def snapshot_recipe(config: Entries, environment: str) -> str | None:
    """The recipe that trains an environment's policies of the study; None if there is no such recipe."""
    own = (name for name, recipe in config.recipes.items() if recipe.environment == environment)
    return config.environments[environment].snapshots or next(own, None)


def train_snapshots(config: Entries, environment: str) -> Call:
    """The training that gives the study's policies; without a recipe just the environment they start in."""
    recipe = snapshot_recipe(config, environment)
    if recipe is None:
        start: SampledSpec = {"seed": config.seed, "environment": environment_spec(config, environment)}
        untrained: UntrainedSpec = {"recipe": None, "training": start}
        return Call("pgpipe.training.snapshots", untrained, modules([start["environment"]]))
    training = training_spec(config, recipe)
    spec: SnapshotsSpec = {"recipe": recipe, "training": training}
    return Call("pgpipe.training.snapshots", spec, training_modules(training))


def collect_rollouts(config: Entries, environment: str) -> Call:
    """The rollouts that all estimators of the study share."""
    study = config.block(GradientStudy)
    spec: RolloutsSpec = {
        "seed": config.seed,
        "environment": grouped_environment_spec(config, environment),
        "replicates": study.replicates,
        "n": max(study.batch_sizes),
    }
    return Call("pgpipe.lecture.gradients.rollouts", spec, modules([spec["environment"]]))


def compute_reference(config: Entries, environment: str) -> Call:
    """The exact J and ∇J, or how many rollouts stand in for them."""
    where = environment_spec(config, environment)
    known = config.environments[environment].oracle
    if known is not None:
        exact: ExactReferenceSpec = {"environment": where, "module": known}
        return Call("pgpipe.lecture.gradients.reference", exact, modules([where], [], [known]))
    study = config.block(GradientStudy)
    spec: SampledReferenceSpec = {
        "environment": where,
        "module": None,
        "replicates": study.reference_replicates,
        "n": max(study.batch_sizes),
        "seed": config.seed,
        "estimator": REWARD_TO_GO_MEAN,
    }
    return Call("pgpipe.lecture.gradients.reference", spec, modules([where], [REWARD_TO_GO_MEAN]))


def estimate_gradients(config: Entries, environment: str) -> Call:
    """All estimators on an environment's rollouts."""
    group = estimator_group(config, environment, study_estimators(config, environment))
    spec: EstimatesSpec = {**group, "batch_sizes": config.block(GradientStudy).batch_sizes}
    return Call("pgpipe.lecture.gradients.estimates", spec, group_modules(group))


def count_operations(config: Entries) -> Call:
    """All estimators in every environment of the study, and the size of the one batch they are counted on."""
    study = config.block(GradientStudy)
    parts = [estimator_group(config, name, study_estimators(config, name)) for name in study.environments]
    spec: OperationsSpec = {"seed": config.seed, "parts": parts, "n": max(study.batch_sizes)}
    uses = dict.fromkeys(module for part in parts for module in group_modules(part))
    return Call("pgpipe.lecture.gradients.estimator_costs", spec, list(uses))


def derive_variances(config: Entries, environment: str) -> Call:
    """The estimators whose variance follows from a list of all trajectories."""
    estimators = study_estimators(config, environment)
    spec: VariancesSpec = {
        "environment": grouped_environment_spec(config, environment),
        "group": {name: estimator_spec(estimator) for name, estimator in estimators.items()},
        "batch_sizes": config.block(GradientStudy).batch_sizes,
        "module": config.environments[environment].oracle,
    }
    return Call("pgpipe.lecture.gradients.exact_variances", spec, group_modules(spec))


def certify_estimators(config: Entries) -> Call:
    """Nothing but its inputs decides the certificate."""
    return Call("pgpipe.lecture.gradients.certificate", {})


def compare_gradients(config: Entries, environment: str) -> Call:
    """Estimators side by side; the yardstick of the variance is E11, the total return without a baseline."""
    estimators = study_estimators(config, environment)
    unbiased = {name: e for name, e in estimators.items() if not e.composed.biases}
    plain = (n for n, e in unbiased.items() if (e.signal, e.baseline) == (E11["signal"], E11["baseline"]))
    spec: GradientsSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "estimators": list(estimators),
        "yardstick": next(plain, None),
        "batch_sizes": config.block(GradientStudy).batch_sizes,
        "resamples": config.resamples,
    }
    return Call("pgpipe.lecture.gradients.comparison", spec, modules([spec["environment"]]))


def list_samples(config: Entries, environment: str) -> Call:
    """Estimates of the lecture's ladder from the study's batches."""
    study, estimators = config.block(GradientStudy), study_estimators(config, environment)
    unbiased = [(name, (e.signal, e.baseline)) for name, e in estimators.items() if not e.composed.biases]
    ladder = (next((name for name, parts in unbiased if parts == rung), None) for rung in RUNGS)
    spec: SamplesSpec = {
        "environment": environment_spec(config, environment),
        "estimators": [name for name in ladder if name],
        "batch_sizes": study.batch_sizes,
        "batches": min(study.replicates, SAMPLES),
    }
    return Call("pgpipe.lecture.gradients.samples", spec, modules([spec["environment"]]))


def list_estimators(config: Entries) -> Call:
    """The estimators in the config's order: what each is composed of, and what follows from that."""
    models = config.estimators.items()
    spec: EstimatorsSpec = {"estimators": {name: _described(model) for name, model in models}}
    return Call("pgpipe.lecture.gradients.certificate", spec)


def _described(estimator: Estimator) -> dict[str, object]:
    """The columns of an estimator's row; what only some lines say stands in those of all."""
    said = {key: value for key, value in estimator_spec(estimator).items() if key in REQUIRED}
    return {**said, "normalize": bool(estimator.normalize), **estimator.composed.columns()}


def estimator_group(config: Entries, environment: str, estimators: dict[str, Estimator]) -> "GroupSpec":
    """Estimators in an environment, and the module that knows its value function, if one of them asks."""
    exact = any(estimator.needs_exact_value for estimator in estimators.values())
    return {
        "environment": grouped_environment_spec(config, environment),
        "group": {name: estimator_spec(estimator) for name, estimator in estimators.items()},
        "module": config.environments[environment].oracle if exact else None,
    }


def group_modules(group: "GroupSpec | VariancesSpec") -> list[str]:
    """The modules that an estimator group names."""
    return modules([group["environment"]], group["group"].values(), [group["module"]])
