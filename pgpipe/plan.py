"""What a config makes: blocks of seeds, estimators and environments of each study, tables, figures."""

from pgpipe import registry
from pgpipe.config.entries import Estimator
from pgpipe.config.files import ConfigError
from pgpipe.config.model import Config
from pgpipe.nearest import nearest_name

# The tables of section 6: one part for each environment, and those of the one line.
OFF_POLICY = tuple(f"off_policy_{name}" for name in ("weights", "gradients", "identities", "steps"))
HORIZON = tuple(f"off_policy_{name}" for name in ("moments", "boundary", "scaling"))
# What is known of all learning curves together.
LEARNING = ("curves", "summary", "improvement", "profiles", "scores")


def blocks(config: Config) -> list[tuple[str, int]]:
    """The blocks of seeds that recipes are trained in: (recipe, number of the block)."""
    return [
        (recipe, block)
        for recipe in config.recipes
        for block in range(-(-config.seeds_of(recipe) // config.seeds_per_block))
    ]


def study_estimators(config: Config, environment: str) -> dict[str, Estimator]:
    """The estimators of the gradient study: estimates of ∇J, all of them on a policy's own samples.

    An exact value function is not known everywhere, and importance weights are all one there.
    """
    known = config.environments[environment].oracle is not None
    own = {name: e for name, e in config.estimators.items() if e.direction == "vanilla" and not e.weighs}
    return {name: e for name, e in own.items() if known or not e.knows_value}


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


def parts(config: Config) -> dict[str, list[str]]:
    """The tables that are gathered, and where their parts lie, one for each environment; none if left out."""
    study = config.gradient_study.environments
    names = ("quality", "components", "projection", "reduction", "reference")
    listed = {f"gradient_{name}": study for name in names}
    listed |= {"policies": study, "gradient_exact_variance": listed_environments(config)}
    gathered = {table: [f"results/study/{name}/{table}.csv" for name in of] for table, of in listed.items()}
    for folder, key, tables in (
        ("objective", "objective_study", ("objective_error",)),
        ("convergence", "convergence_study", ("gradient_convergence",)),
        ("steps", "step_study", ("step_batches", "step_trajectories", "step_traces")),
        ("gaussian", "gaussian_study", ("gaussian_checks", "gaussian_rollouts")),
        ("causality", "causality_study", ("causality_identities", "causality_effects")),
        ("off_policy", "off_policy_study", OFF_POLICY),
    ):
        of = environments_of(config, key)
        gathered |= {table: [f"results/{folder}/{name}/{table}.csv" for name in of] for table in tables}
    for table in ("reuse_curves", "reuse_summary"):
        of = config.reuse_study.estimators if config.reuse_study else []
        gathered[table] = [f"results/reuse/{estimator}/{table}.csv" for estimator in of]
    gathered |= practice_parts(config)
    gathered |= natural_parts(config)
    kinds = known_dynamics(config)
    gathered["trajectory_identities"] = [f"results/trajectories/{kind}.csv" for kind in kinds]
    return gathered


def practice_parts(config: Config) -> dict[str, list[str]]:
    """The gathered tables of sections 7 and 8."""
    checked, noisy = environments_of(config, "implementation_study"), config.noise_study
    return {
        "implementation_identities": [f"results/implementation/{name}.csv" for name in checked],
        "gradient_costs": [f"results/costs/{size}.csv" for size in costed_sizes(config)],
        "gradient_noise": [f"results/noise/{recipe}.csv" for recipe in (noisy.recipes if noisy else [])],
    }


def costed_sizes(config: Config) -> list[int]:
    """The numbers of parameters for which the cost of a gradient is counted."""
    return config.gradient_costs.parameters if config.gradient_costs else []


def timed_computations(config: Config) -> list[str]:
    """Where jobs keep the seconds of single computations, for the page of costs alone."""
    natural = ["results/natural/fisher_seconds.csv"] if config.natural_study else []
    return [f"results/costs/{size}_seconds.csv" for size in costed_sizes(config)] + natural


def batch_cells(config: Config) -> list[str]:
    """A folder for each recipe and batch size of the sweep."""
    sweep = config.batch_sweep
    if sweep is None:
        return []
    return [f"results/batches/{recipe}/{steps}" for recipe in sweep.recipes for steps in sweep.steps]


def learning_rate_columns(config: Config) -> list[str]:
    """A file for each recipe and learning rate of the sweep; a number is written in its shortest form."""
    sweep = config.learning_rate_sweep
    of = sweep.learning_rates if sweep else {}
    return [f"results/learning_rates/{recipe}/{rate!r}.csv" for recipe, rates in of.items() for rate in rates]


def natural_parts(config: Config) -> dict[str, list[str]]:
    """The gathered tables of section 10: a part for each environment that the recipes train in."""
    directions, sizes = config.direction_study, config.step_size_study
    found: dict[str, list[str]] = {}
    for folder, recipes, names in (
        ("directions", directions.recipes if directions else [], ("curves", "summary", "speed")),
        ("step_sizes", list(sizes.sizes) if sizes else [], ("scores", "ranges")),
    ):
        environments = dict.fromkeys(config.recipes[name].environment for name in recipes)
        prefix = "direction" if folder == "directions" else "step_size"
        found |= {
            f"{prefix}_{name}": [f"results/{folder}/{e}/{prefix}_{name}.csv" for e in environments]
            for name in names
        }
    return found


def natural_tables(config: Config) -> dict[str, bool]:
    """The tables of sections 9 and 10 that are no gathered ones."""
    made = {
        ("vector_field", "optimum", "sampled_field"): config.vector_field,
        ("line_walks", "line_spread", "line_identities", "number_line"): config.line_study,
        ("flows", "flow_ends", "flow_levels"): config.line_study,
        ("line_optima", "line_derivatives", "line_conditions", "line_updates"): config.line_study,
        ("fisher_solves", "fisher_residuals", "fisher_costs"): config.natural_study,
        ("step_sizes", "step_differences"): config.natural_study,
    }
    return {name: block is not None for names, block in made.items() for name in names}


def tables(config: Config) -> dict[str, bool]:
    """The tables under `reports/tables`, and whether this config makes them."""
    return (
        {name: bool(made) for name, made in parts(config).items()}
        | dict.fromkeys(("estimators", "estimator_costs", "certificate"), True)
        | dict.fromkeys([f"learning_{name}" for name in LEARNING], bool(blocks(config)))
        | dict.fromkeys(("three_samples", "three_steps", "three_curves"), config.three_samples is not None)
        | dict.fromkeys(
            ("return_shift", "return_parabola", "step_direction"), config.return_shift is not None
        )
        | {"two_actions": config.two_actions is not None}
        | dict.fromkeys(HORIZON, config.horizon_study is not None)
        | dict.fromkeys(("vector_field", "optimum"), config.vector_field is not None)
        | {f"batch_{name}": bool(batch_cells(config)) for name in ("returns", "directions", "crossings")}
        | {
            f"learning_rate_{name}": bool(learning_rate_columns(config))
            for name in ("returns", "ranges", "contrasts")
        }
        | natural_tables(config)
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
