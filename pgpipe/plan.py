"""What a config makes: blocks of seeds, estimators and environments of each study, tables, figures."""

from pgpipe import registry
from pgpipe.config import Config
from pgpipe.config_entries import Estimator
from pgpipe.config_files import ConfigError
from pgpipe.nearest import nearest_name


def blocks(config: Config) -> list[tuple[str, int]]:
    """The blocks of seeds that recipes are trained in: (recipe, number of the block)."""
    return [
        (recipe, block)
        for recipe in config.recipes
        for block in range(-(-config.seeds_of(recipe) // config.seeds_per_block))
    ]


def study_estimators(config: Config, environment: str) -> dict[str, Estimator]:
    """The estimators that an environment can have: an exact value function is not known everywhere."""
    known = config.environments[environment].oracle is not None
    return {name: e for name, e in config.estimators.items() if known or not e.knows_value}


def listed_environments(config: Config) -> list[str]:
    """The environments of the gradient study whose trajectories an oracle lists, by its `outcomes`.

    If there are none, the first environment: its empty table still has the columns.
    """
    oracles = {name: config.environments[name].oracle for name in config.gradient_study.environments}
    listed = [
        name
        for name, module in oracles.items()
        if module and "outcomes" in registry.functions(registry.source_of(module))
    ]
    return listed or list(oracles)[:1]


def environments_of(config: Config, study: str) -> list[str]:
    """The environments of a study, none if the config leaves it out."""
    block = getattr(config, study)
    return block.environments if block else []


def known_dynamics(config: Config) -> list[str]:
    """The kinds of environments of the trajectory study, as `pgpipe.dynamics` names them."""
    return [kind for kind in ("line", "grid") if getattr(config.trajectory_study, kind, None)]


def tables(config: Config) -> dict[str, bool]:
    """The tables under `reports/tables`, and whether this config makes them."""
    parts = ("reference", "quality", "components", "projection", "reduction", "exact_variance")
    study = [f"gradient_{name}" for name in parts]
    return (
        dict.fromkeys(("estimators", "policies", "estimator_costs", "certificate", *study), True)
        | dict.fromkeys(("learning_curves", "learning_summary", "learning_improvement"), bool(blocks(config)))
        | {"objective_error": config.objective_study is not None}
        | dict.fromkeys(("three_samples", "three_steps", "three_curves"), config.three_samples is not None)
        | dict.fromkeys(
            ("return_shift", "return_parabola", "step_direction"), config.return_shift is not None
        )
        | {"trajectory_identities": bool(known_dynamics(config))}
        | {"gradient_convergence": config.convergence_study is not None}
        | dict.fromkeys(("step_batches", "step_trajectories", "step_traces"), config.step_study is not None)
        | dict.fromkeys(("gaussian_checks", "gaussian_rollouts"), config.gaussian_study is not None)
        | {"two_actions": config.two_actions is not None}
        | dict.fromkeys(("causality_identities", "causality_effects"), config.causality_study is not None)
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
