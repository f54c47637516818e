"""From the validated config to one plain dictionary for each job: the job is its spec.

A spec holds only what its job depends on, as plain values, so a change of the config redoes exactly the jobs
whose spec it changes. Each function carries the name of its rule and takes the rule's wildcards.
"""

from typing import Any

from pgpipe import registry
from pgpipe.config import Config
from pgpipe.config_files import ConfigError
from pgpipe.envs import BATCHED
from pgpipe.nearest import nearest_name

Spec = dict[str, Any]

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
        **model.model_dump(include={"optimizer", "learning_rate", "episodes", "updates"}),
    }


def modules(spec: Spec) -> list[str]:
    """The modules that a spec brings into play by a name, which no import statement shows."""
    named = []
    for part in (spec, spec.get("training", {})):
        if isinstance(environment := part.get("environment"), dict):
            module, _, _ = BATCHED.get(environment["id"], "").partition(":")
            named += [module] if module else []
        if estimator := part.get("estimator"):
            named += [f"pgpipe.estimators.{family}s.{estimator[family]}" for family in ("signal", "baseline")]
    return [*named, spec["module"]] if spec.get("module") else named


def blocks(config: Config) -> list[int]:
    """The numbers of the blocks of seeds that every recipe is trained in."""
    return list(range(-(-config.seeds // config.seeds_per_block)))


def objective_environments(config: Config) -> list[str]:
    """The environments of the objective study."""
    return config.objective_study.environments if config.objective_study else []


def step_environments(config: Config) -> list[str]:
    """The environments of the step study."""
    return config.step_study.environments if config.step_study else []


def gaussian_environments(config: Config) -> list[str]:
    """The environments whose Gaussian policies are checked and shown."""
    return config.gaussian_study.environments if config.gaussian_study else []


def two_actions_environment(config: Config) -> str | None:
    """The environment whose two actions are shown."""
    return config.two_actions.environment if config.two_actions else None


def tables(config: Config) -> dict[str, bool]:
    """The tables under `reports/tables`, and whether this config makes them."""
    study = [f"gradient_{name}" for name in ("reference", "quality", "components", "projection")]
    return (
        dict.fromkeys(("estimators", "policies", *study), True)
        | dict.fromkeys(("learning_curves", "learning_summary"), bool(config.recipes))
        | {"objective_error": config.objective_study is not None}
        | dict.fromkeys(("step_batches", "step_trajectories", "step_traces"), config.step_study is not None)
        | dict.fromkeys(("gaussian_checks", "gaussian_rollouts"), config.gaussian_study is not None)
        | {"two_actions": config.two_actions is not None}
        | dict.fromkeys(("vector_field", "optimum"), config.vector_field is not None)
    )


def figures(config: Config) -> list[registry.FigureFile]:
    """The figures whose tables this config makes."""
    made = tables(config)
    return [figure for figure in registry.figure_files() if all(made[name] for name in figure.tables)]


def check_registry(config: Config) -> None:
    """Raise `ConfigError` if a figure or a claim asks for a table that no config makes."""
    names = tables(config)
    asked = [(file.module, file.tables) for file in registry.figure_files()]
    asked += [(file.module, file.tables) for file in registry.section_files()]
    for module, wanted in asked:
        for table in set(wanted) - set(names):
            near = nearest_name(table, names)
            raise ConfigError(f"{module}: unknown table '{table}'{near} Known: {', '.join(names)}")


# --- one function for each rule --------------------------------------------------------------------------


def train_block(config: Config, recipe: str, block: str) -> Spec:
    """One block of a recipe's seeds."""
    first = int(block) * config.seeds_per_block
    seeds = list(range(first, min(first + config.seeds_per_block, config.seeds)))
    return {"recipe": recipe, "seeds": seeds, "training": training_spec(config, recipe)}


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


def estimate_gradients(config: Config, environment: str, estimator: str) -> Spec:
    """One estimator on an environment's rollouts."""
    return {
        "environment": environment_spec(config, environment),
        "estimator": config.estimators[estimator].model_dump(),
        "batch_sizes": config.gradient_study.batch_sizes,
    }


def compare_gradients(config: Config, environment: str) -> Spec:
    """Estimators side by side; the yardstick of the variance is E11, the total return without a baseline."""
    plain = (n for n, e in config.estimators.items() if (e.signal, e.baseline) == ("total_return", "none"))
    return {
        "seed": config.seed,
        "environment": environment,
        "estimators": list(config.estimators),
        "yardstick": next(plain, None),
        "batch_sizes": config.gradient_study.batch_sizes,
        "resamples": config.resamples,
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


def gather_table(config: Config, table: str = "") -> Spec:
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
