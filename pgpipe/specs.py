"""From the validated config to one plain dictionary for each job: the job is its spec.

A spec holds only what its job depends on, as plain values, so a change of the config redoes exactly the jobs
whose spec it changes. Each function carries the name of its rule and takes the rule's wildcards.
"""

from typing import Any

from pgpipe import registry
from pgpipe.config import Config
from pgpipe.config_entries import Estimator
from pgpipe.envs import BATCHED
from pgpipe.plan import figures, study_estimators

Spec = dict[str, Any]

# The lecture's own estimator, E11, as its sample form is first written down.
E11 = {"signal": "total_return", "baseline": "none", "score_discount": True}

# How a large batch stands in for an exact gradient: unbiased, the least noisy that needs no fitting.
REFERENCE_ESTIMATOR = {"signal": "reward_to_go", "baseline": "mean", "score_discount": True}


# --- parts of specs --------------------------------------------------------------------------------------


def environment_spec(config: Config, name: str) -> Spec:
    """What rollouts in an environment depend on."""
    return {"name": name, **config.environments[name].model_dump(exclude={"snapshots"})}


def snapshot_recipe(config: Config, environment: str) -> str | None:
    """The recipe that trains an environment's policies of the study; None if there is no such recipe."""
    own = (name for name, recipe in config.recipes.items() if recipe.environment == environment)
    return config.environments[environment].snapshots or next(own, None)


def training_spec(config: Config, recipe: str) -> Spec:
    """What the training of one seed depends on."""
    model = config.recipes[recipe]
    return {
        "seed": config.seed,
        "environment": environment_spec(config, model.environment),
        "estimator": config.estimators[model.estimator].model_dump(),
        **model.model_dump(exclude={"environment", "estimator", "seeds", "evaluation"}),
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
        named += [part[role] for role in ("module", "dynamics") if part.get(role)]
    return list(dict.fromkeys(named))


# --- one function for each rule --------------------------------------------------------------------------


def train_block(config: Config, recipe: str, block: str) -> Spec:
    """One block of a recipe's seeds."""
    first = int(block) * config.seeds_per_block
    seeds = list(range(first, min(first + config.seeds_per_block, config.seeds_of(recipe))))
    evaluation = config.recipes[recipe].evaluation
    return {
        "recipe": recipe,
        "seeds": seeds,
        "training": training_spec(config, recipe),
        "evaluation": evaluation and evaluation.model_dump(),
    }


def train_snapshots(config: Config, environment: str) -> Spec:
    """The training that gives the study's policies; without a recipe just the environment they start in."""
    recipe = snapshot_recipe(config, environment)
    if recipe is None:
        start = {"seed": config.seed, "environment": environment_spec(config, environment)}
        return {"recipe": None, "training": start}
    return {"recipe": recipe, "training": training_spec(config, recipe)}


def collect_rollouts(config: Config, environment: str) -> Spec:
    """The rollouts that all estimators of the study share."""
    return {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "replicates": config.gradient_study.replicates,
        "n": max(config.gradient_study.batch_sizes),
    }


def compute_reference(config: Config, environment: str) -> Spec:
    """The exact J and ∇J, or how many rollouts stand in for them."""
    spec = {"environment": environment_spec(config, environment)}
    if module := config.environments[environment].oracle:
        return {**spec, "module": module}
    study = config.gradient_study
    sampling = {"replicates": study.reference_replicates, "n": max(study.batch_sizes)}
    return {**spec, "module": None, "seed": config.seed, "estimator": REFERENCE_ESTIMATOR, **sampling}


def estimate_gradients(config: Config, environment: str) -> Spec:
    """All estimators on an environment's rollouts."""
    group = _group(config, environment, study_estimators(config, environment))
    return {**group, "batch_sizes": config.gradient_study.batch_sizes}


def _group(config: Config, environment: str, estimators: dict[str, Estimator]) -> Spec:
    """Estimators in an environment, and the module that knows its value function, if one of them asks."""
    exact = any(estimator.knows_value for estimator in estimators.values())
    return {
        "environment": environment_spec(config, environment),
        "group": {name: estimator.model_dump() for name, estimator in estimators.items()},
        "module": config.environments[environment].oracle if exact else None,
    }


def count_operations(config: Config) -> Spec:
    """All estimators in every environment of the study, and the size of the one batch they are counted on."""
    study = config.gradient_study
    parts = [_group(config, name, study_estimators(config, name)) for name in study.environments]
    return {"seed": config.seed, "parts": parts, "n": max(study.batch_sizes)}


def derive_variances(config: Config, environment: str) -> Spec:
    """The estimators whose variance follows from a list of all trajectories."""
    estimators = study_estimators(config, environment)
    return {
        "environment": environment_spec(config, environment),
        "estimators": {name: estimator.model_dump() for name, estimator in estimators.items()},
        "batch_sizes": config.gradient_study.batch_sizes,
        "module": config.environments[environment].oracle,
    }


def certify_estimators(config: Config) -> Spec:
    """Nothing but its inputs decides the certificate."""
    return {}


def compare_gradients(config: Config, environment: str) -> Spec:
    """Estimators side by side; the yardstick of the variance is E11, the total return without a baseline."""
    plain = (n for n, e in config.estimators.items() if (e.signal, e.baseline) == ("total_return", "none"))
    return {
        "seed": config.seed,
        "environment": environment,
        "estimators": list(study_estimators(config, environment)),
        "yardstick": next(plain, None),
        "reductions": _reductions(study_estimators(config, environment)),
        "batch_sizes": config.gradient_study.batch_sizes,
        "resamples": config.resamples,
    }


def _reductions(estimators: dict[str, Estimator]) -> dict[str, list[str]]:
    """By signal the estimators with no baseline, the mean and the optimal one, if all are there."""
    plain = {
        (e.signal, e.baseline): name
        for name, e in reversed(estimators.items())
        if e.score_discount and not e.normalize
    }
    wanted = {signal: [(signal, b) for b in ("none", "mean", "optimal")] for signal, _ in plain}
    return {
        signal: [plain[parts] for parts in three]
        for signal, three in sorted(wanted.items())
        if all(parts in plain for parts in three)
    }


def measure_objective(config: Config, environment: str) -> Spec:
    """Error of the mean return against the exact J."""
    assert config.objective_study is not None
    return {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "sizes": config.objective_study.n_trajectories,
        "replicates": config.objective_study.replicates,
        "resamples": config.resamples,
    }


def step_on_three_samples(config: Config) -> Spec:
    """The policy before the step, and the returns."""
    assert config.three_samples is not None
    return {"seed": config.seed, **config.three_samples.model_dump()}


def shift_returns(config: Config) -> Spec:
    """The constants, the plain estimator E11 and, for contrast, the one with the mean of the others."""
    assert config.return_shift is not None
    shift = config.return_shift
    plain = {"signal": "total_return", "baseline": "none", "score_discount": True}
    return {
        "seed": config.seed,
        "environment": environment_spec(config, shift.environment),
        "estimator": plain,
        "contrast": {"estimator": {**plain, "baseline": "mean"}},
        **shift.model_dump(exclude={"environment"}),
        "resamples": config.resamples,
    }


def check_identities(config: Config, dynamics: str) -> Spec:
    """One environment of the trajectory study, whose arguments replace the environment's own."""
    assert config.trajectory_study is not None
    changes = getattr(config.trajectory_study, dynamics).model_dump()
    environment = environment_spec(config, name := changes.pop("environment"))
    return {
        "seed": config.seed,
        "environment": environment | {"kwargs": environment["kwargs"] | changes},
        "module": config.environments[name].oracle,
        "dynamics": f"pgpipe.dynamics.{dynamics}",
        "n": config.trajectory_study.n_trajectories,
    }


def follow_gradient(config: Config, environment: str) -> Spec:
    """Error of E11 against the exact gradient, and the gain of a step along it."""
    assert config.convergence_study is not None
    study = config.convergence_study
    return {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "module": config.environments[environment].oracle,
        "estimator": E11,
        "sizes": study.n_trajectories,
        "replicates": study.replicates,
        "step": study.step,
        "resamples": config.resamples,
    }


def measure_steps(config: Config, environment: str) -> Spec:
    """One gradient step from each of many batches."""
    assert config.step_study is not None
    return {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        **config.step_study.model_dump(exclude={"environments"}),
    }


def follow_gaussian(config: Config, environment: str) -> Spec:
    """A Gaussian policy along real rollouts."""
    assert config.gaussian_study is not None
    episodes = config.gaussian_study.episodes
    return {
        "seed": config.seed,
        "environment": environment_spec(config, environment),
        "episodes": episodes,
    }


def map_two_actions(config: Config) -> Spec:
    """The probabilities of two actions by state."""
    assert config.two_actions is not None
    study = config.two_actions
    return {
        "seed": config.seed,
        "environment": environment_spec(config, study.environment),
        **study.model_dump(exclude={"environment"}),
    }


def study_causality(config: Config, environment: str) -> Spec:
    """What an action cannot change, by the exact gradient and, where known, the exact Q."""
    return {
        "environment": environment_spec(config, environment),
        "group": {"none": E11, "mean": {**E11, "baseline": "mean"}},
        "module": config.environments[environment].oracle,
    }


def map_field(config: Config) -> Spec:
    """The grid of (k, σ) on the line."""
    assert config.vector_field is not None
    field = config.vector_field
    return {
        "environment": environment_spec(config, field.environment),
        **field.model_dump(exclude={"environment"}),
    }


def summarise_learning(config: Config) -> Spec:
    """The learning curves of all recipes."""
    return {
        "seed": config.seed,
        "estimators": {name: recipe.estimator for name, recipe in config.recipes.items()},
        "resamples": config.resamples,
    }


def list_estimators(config: Config) -> Spec:
    """The estimators in the config's order: what each is composed of."""
    return {"estimators": {name: model.model_dump() for name, model in config.estimators.items()}}


def gather_table(config: Config, table: str = "", part: str = "") -> Spec:
    """Nothing but its inputs decides a gathered table."""
    return {}


def draw_figure(config: Config, figure: str) -> Spec:
    """The module that draws."""
    return {"module": next(f.module for f in registry.figure_files() if f.name == figure)}


def evaluate_section(config: Config, section: str) -> Spec:
    """The module that checks and tests."""
    return {"module": next(s.module for s in registry.section_files() if s.name == section)}


def gather_evidence(config: Config) -> Spec:
    """Nothing but its inputs decides the ledgers."""
    return {}


def write_report(config: Config) -> Spec:
    """The whole config, as the report shows it, and the pictures in it."""
    return {"config": config.model_dump(mode="json"), "figures": [f.name for f in figures(config)]}


def write_manifest(config: Config) -> Spec:
    """The whole config, as the manifest records it."""
    return {"config": config.model_dump(mode="json")}


def gather_timings(config: Config) -> Spec:
    """Nothing but what ran decides the costs."""
    return {}
