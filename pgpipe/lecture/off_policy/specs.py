"""Specs of section 6."""

from typing import TYPE_CHECKING

from pgpipe.config.base import Entries
from pgpipe.estimators.parts import part_names, read_part
from pgpipe.estimators.spec import E11, REWARD_TO_GO, REWARD_TO_GO_MEAN, EstimatorSpec
from pgpipe.lecture import registry
from pgpipe.lecture.common.specs import (
    Call,
    environment_spec,
    estimator_spec,
    linear_environment_spec,
    modules,
    training_modules,
    training_spec,
)
from pgpipe.lecture.off_policy.blocks import HorizonStudy, OffPolicyStudy, ReuseStudy

if TYPE_CHECKING:
    from pgpipe.lecture.off_policy.data import DatasetSpec, ReadSpec
    from pgpipe.lecture.off_policy.export import ExportSpec
    from pgpipe.lecture.off_policy.horizons import HorizonsSpec
    from pgpipe.lecture.off_policy.reuse import ReuseSpec
    from pgpipe.lecture.off_policy.tables import OffPolicySpec


def dataset_environments(config: Entries) -> list[str]:
    """The environments whose behaviour is somebody's dataset."""
    study = config.find(OffPolicyStudy)
    return list(study.datasets or ()) if study else []


def exported_datasets(config: Entries) -> list[str]:
    """The files that `snakemake dataset` makes: of the study's behaviour in each of its environments."""
    if (study := config.find(OffPolicyStudy)) is None:
        return []
    return [
        f"results/datasets/{environment}/{study.policy}-v0/data/{file}"
        for environment in study.environments
        for file in ("main_data.hdf5", "metadata.json")
    ]


def study_off_policy(config: Entries, environment: str) -> Call:
    """Weights and gradients of an environment's targets, seen from the policy that samples."""
    spec: OffPolicySpec = _off_policy(config, environment)
    return Call("pgpipe.lecture.off_policy.tables", spec, _off_policy_modules(spec))


def study_dataset(config: Entries, environment: str) -> Call:
    """What an environment's dataset holds, and what its probabilities are worth."""
    spec: OffPolicySpec = _off_policy(config, environment)
    return Call("pgpipe.lecture.off_policy.probabilities", spec, _off_policy_modules(spec))


def read_dataset(config: Entries, environment: str) -> Call:
    """The episodes of an environment's dataset."""
    study = config.block(OffPolicyStudy)
    found = _dataset(study, environment)
    assert found is not None
    spec: ReadSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "policy": study.policy,
        "dataset": found,
    }
    return Call("pgpipe.lecture.off_policy.data", spec, modules([spec["environment"]]))


def export_dataset(config: Entries, environment: str, stage: str) -> Call:
    """The rollouts of a policy in an environment, as the study samples them."""
    study = config.block(OffPolicyStudy)
    model = config.environments[environment]
    spec: ExportSpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "policy": stage,  # type: ignore[typeddict-item]  # the rule's wildcard
        "batch_size": study.batch_size,
        "replicates": study.replicates if model.oracle else study.sampled_replicates,
    }
    return Call("pgpipe.lecture.off_policy.export", spec, modules([spec["environment"]]))


def _dataset(study: OffPolicyStudy, environment: str) -> "DatasetSpec | None":
    """The dataset of an environment by its content; None if it has none."""
    found = (study.datasets or {}).get(environment)
    return None if found is None else {"checksum": found.checksum, "log_probs": found.log_probs}


def _off_policy(config: Entries, environment: str) -> "OffPolicySpec":
    """The spec of an environment's study.  Of a dataset's behaviour nobody knows states' ratios or values."""
    study = config.block(OffPolicyStudy)
    model = config.environments[environment]
    known, dataset = _known(model.oracle), _dataset(study, environment)
    chosen = {name: config.estimators[name] for name in study.estimators}
    usable = {
        name: estimator_spec(e)
        for name, e in chosen.items()
        if ((known and not dataset) or not e.needs_state_ratios)
        and not (dataset and e.needs_exact_value)
        and model.suits(e.composed)
        and not e.needs_groups
    }
    spec: OffPolicySpec = {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "policy": study.policy,
        "distances": study.distances,
        "random_directions": study.random_directions,
        "batch_size": study.batch_size,
        "replicates": study.replicates if model.oracle else study.sampled_replicates,
        "group": usable,
        "yardstick": _first(usable, "total_return", "trajectory"),
        "causal": _first(usable, "reward_to_go", "trajectory"),
        "unbiased": _first(usable, "reward_to_go", "per_decision"),
        "iterated": _first(usable, "reward_to_go", "no_future"),
        "module": model.oracle,
        "known": known,
        "dynamics": _dynamics(config, environment),
        "resamples": config.resamples,
    }
    if dataset:
        spec["dataset"] = dataset
    return spec


def _off_policy_modules(spec: "OffPolicySpec") -> list[str]:
    """The modules that it names."""
    # its own gradients where none is known, and the forms of the equations
    chosen_here = (E11, REWARD_TO_GO, REWARD_TO_GO_MEAN)
    others = [spec["module"], spec["known"], spec["dynamics"], *_forms()]
    return modules([spec["environment"]], (*spec["group"].values(), *chosen_here), others)


def follow_horizon(config: Entries) -> Call:
    """Moments and forms on the line by the number of steps."""
    study = config.block(HorizonStudy)
    model = config.environments[study.environment]
    group = {name: estimator_spec(config.estimators[name]) for name in study.estimators}
    spec: HorizonsSpec = {
        "seed": config.seed,
        "environment": linear_environment_spec(config, study.environment),
        "policy": study.policy,
        "shifts": study.shifts,
        "horizons": study.horizons,
        "scaling_shift": study.scaling_shift,
        "trajectories": study.trajectories,
        "farthest": study.farthest,
        "batch_size": study.batch_size,
        "replicates": study.replicates,
        "group": group,
        "module": model.oracle,
        "known": _known(model.oracle),
    }
    others = [spec["module"], spec["known"], *_forms()]
    return Call(
        "pgpipe.lecture.off_policy.horizons", spec, modules([spec["environment"]], group.values(), others)
    )


def train_reuse(config: Entries, estimator: str) -> Call:
    """The recipe with this estimator, at every number of updates from a batch."""
    study = config.block(ReuseStudy)
    training = training_spec(config, study.recipe)
    spec: ReuseSpec = {
        "estimator_name": estimator,
        "training": {**training, "estimator": estimator_spec(config.estimators[estimator])},
        "reuse": study.reuse,
        "seeds": list(range(study.seeds)),
        "resamples": config.resamples,
    }
    return Call("pgpipe.lecture.off_policy.reuse", spec, training_modules(spec["training"]))


def _forms() -> list[str]:
    """The modules of all forms of weights: an oracle looks up what each of them corrects."""
    return [read_part("importance", name).module for name in part_names("importance")]


def _known(oracle: str | None) -> str | None:
    """The module that knows the problem of an oracle off-policy, if there is one."""
    module = f"{oracle}_off_policy"
    return module if oracle and registry.source_of(module).exists() else None


def _dynamics(config: Entries, environment: str) -> str | None:
    """The module that knows the dynamics, where a trajectory has a density."""
    model = config.environments[environment]
    noisy = model.kwargs.get("noise_std", 0) > 0 and model.kwargs.get("start_std", 1) > 0
    known = {"pgpipe/Grid-v0": "pgpipe.dynamics.grid"}
    known |= {"pgpipe/Line-v0": "pgpipe.dynamics.line"} if noisy else {}
    return known.get(model.id) if model.oracle else None


def _first(group: dict[str, EstimatorSpec], signal: str, importance: str) -> str | None:
    """The first plain estimator of a group that is composed of these parts."""
    return next(
        (
            name
            for name, e in group.items()
            if (e["signal"], e["importance"], e["baseline"]) == (signal, importance, "none")
            and e["score_discount"]
            and not (e["normalize"] or e["self_normalize"])
        ),
        None,
    )
