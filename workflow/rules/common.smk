# Helpers of the rules: the config, a job's parameter, and the tables that rules publish. No rules in here.
import os
import sys
from functools import cache
from pathlib import Path

# This checkout's own package comes first, here and in every job, whatever is installed.
ROOT = Path(workflow.current_basedir).parent.parent
sys.path.insert(0, str(ROOT))
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
PYTHON_PATH = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
# one thread a job: the same bytes whatever the number of cores
os.environ.update({"PYTHONPATH": PYTHON_PATH} | dict.fromkeys(THREADS, "1"))

from pgpipe.config.files import ConfigError, read_config
from pgpipe.jobs.imports import digest, plugins_of
from pgpipe.jobs.trial import try_plugins
from pgpipe.lecture import registry
from pgpipe.lecture.config import Config
from pgpipe.lecture.report import shelves
from pgpipe.lecture.tables import Tables
from pgpipe.plugins.loading import PLACES, places
from pgpipe.plugins.plugin import PluginError
from workflow import fork_server

try:
    CONFIG = read_config(
        Config,
        ROOT / "config.yaml",
        [Path(path) for path in workflow.configfiles],
        workflow.config_settings.config,
    )
    # beside Snakemake's own notes, not among the results: whoever loses it loses a second
    try_plugins(Path(".snakemake/pgpipe"))
    FIGURES = {figure.name: figure for figure in registry.figure_files()}
    SECTIONS = {section.name: section for section in registry.section_files()}
except (ConfigError, PluginError) as error:
    sys.exit(str(error))

# a job's parameter names the plugins that it uses; where they are is no part of it
os.environ[PLACES] = places()

TABLES = Tables()


onstart:
    if workflow.local_exec:
        fork_server.start()
        # The limit of jobs per second makes the scheduler look at all ready jobs again one second after each time
        # it did, for ever: with hundreds of jobs that took half a core. Here there is nothing to limit.
        workflow.scheduler.job_rate_limiter = None


wildcard_constraints:
    environment="[a-z][a-z0-9_]*",
    recipe="[a-z][a-z0-9_]*",
    estimator="[a-z][a-z0-9_]*",
    block=r"\d+",
    figure="[A-Z][0-9]+_[a-z0-9_]+",
    section="[a-z0-9_]+",


def job_of(make_job):
    """The parameter of a rule, one dictionary of plain values: what its job calls, with what, by which code."""

    @cache
    def parameter(values):
        job = make_job(CONFIG, **dict(values))
        return {
            "function": f"{job.module}:{make_job.__name__}",
            "spec": job.spec,
            "uses": list(job.uses),
            "code": digest(job.module, *job.uses),
        } | ({"plugins": plugins} if (plugins := plugins_of(job.module, *job.uses)) else {})

    def job(wildcards):
        return parameter(tuple(wildcards.items()))

    return job


def publish(rule, made=True, **wildcards):
    """Say that a rule's tables are for figures, claims and readers: one part for each value of its wildcards."""
    TABLES.publish(rule.output, wildcards, made)


def environments_of(block):
    """The environments of a study, none if the config leaves it out."""
    return block.environments if block else []


def studied_policies(wildcards):
    """The policies, from untrained to trained, of the environment that a recipe trains in."""
    return f"results/study/{CONFIG.recipes[wildcards.recipe].environment}/policies.safetensors"


def two_actions_policies(wildcards):
    """The policies of the one environment with two actions, and which stages they are."""
    folder = f"results/study/{CONFIG.two_actions.environment}"
    return {"policies": f"{folder}/policies.safetensors", "stages": f"{folder}/policies.csv"}


def horizon_policies(wildcards):
    """The policies of the line whose horizon is followed."""
    return f"results/study/{CONFIG.horizon_study.environment}/policies.safetensors"


def table_parts(wildcards):
    """The parts of a table that is gathered from several."""
    return TABLES.parts[wildcards.table]


def figure_tables(wildcards):
    """The tables that a figure's `draw` names."""
    return TABLES.paths(FIGURES[wildcards.figure].tables)


def section_tables(wildcards):
    """The tables that a section's checks and claims name."""
    return TABLES.paths(SECTIONS[wildcards.section].tables)


def figure_shelf(wildcards):
    """Where Snakemake's own report has a figure."""
    return shelves.shelf(FIGURES[wildcards.figure])


def figure_labels(wildcards, output):
    """What it calls it."""
    return shelves.labels(FIGURES[wildcards.figure], Path(output.findings).read_text("utf-8"))


def figure_caption(wildcards):
    """What it says of it."""
    return shelves.restructured(FIGURES[wildcards.figure].caption)
