# Helpers of the rules: the config, the spec and the code of a job. No rules in here.
import os
import sys
from pathlib import Path

# This checkout's own package comes first, here and in every job, whatever is installed.
ROOT = Path(workflow.current_basedir).parent.parent
sys.path.insert(0, str(ROOT))
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# one thread a job: the same bytes whatever the number of cores
os.environ.update({"PYTHONPATH": str(ROOT)} | dict.fromkeys(THREADS, "1"))

from pgpipe import plan, registry, specs
from pgpipe.config.files import ConfigError, read_config
from pgpipe.imports import code_of
from pgpipe.specs.common import modules

try:
    CONFIG = read_config(
        ROOT / "config.yaml",
        [Path(path) for path in workflow.configfiles],
        workflow.config_settings.config,
    )
    plan.check_registry(CONFIG)
except ConfigError as error:
    sys.exit(str(error))

LOCK = os.path.relpath(ROOT / "requirements.lock")
FIGURES = {figure.name: figure for figure in registry.figure_files()}
TWO_ACTIONS = CONFIG.two_actions.environment if CONFIG.two_actions else None
HORIZON_LINE = CONFIG.horizon_study.environment if CONFIG.horizon_study else None
SECTIONS = {section.name: section for section in registry.section_files()}
PARTS = {name: parts for name, parts in plan.parts(CONFIG).items() if parts}
TABLES = [name for name, made in plan.tables(CONFIG).items() if made]
# the report's text, and the captions, which stand in the figures' own files
REPORT_SOURCES = sorted(
    os.path.relpath(path)
    for pattern in ("workflow/report/*", "pgpipe/figures/[!_]*.py")
    for path in ROOT.glob(pattern)
)


wildcard_constraints:
    environment="[a-z][a-z0-9_]*",
    recipe="[a-z][a-z0-9_]*",
    estimator="[a-z][a-z0-9_]*",
    block=r"\d+",
    figure="[A-Z][0-9]+_[a-z0-9_]+",
    section="[a-z0-9_]+",


def spec_of(make_spec):
    """The parameter of a rule: its job's spec, one dictionary of plain values."""

    def spec(wildcards):
        return make_spec(CONFIG, **wildcards)

    return spec


def code_for(make_spec, sources=()):
    """The code input of a rule: the script that bears the spec's name, all it imports, what the spec names, and
    the lock file."""

    def code(wildcards):
        named = modules(make_spec(CONFIG, **wildcards))
        return [*code_of(f"workflow/scripts/{make_spec.__name__}.py", *named), *sources, LOCK]

    return code


def table_paths(names):
    """Where the tables that this config makes lie."""
    return [f"reports/tables/{name}.csv" for name in names if name in TABLES]


def studied_policies(wildcards):
    """The policies, from untrained to trained, of the environment that a recipe trains in."""
    return f"results/study/{CONFIG.recipes[wildcards.recipe].environment}/policies.safetensors"


def table_parts(wildcards):
    """The parts of a table that is gathered from several."""
    return PARTS[wildcards.table]


def figure_tables(wildcards):
    """The tables that a figure's `draw` names."""
    return table_paths(FIGURES[wildcards.figure].tables)


def section_tables(wildcards):
    """The tables that a section's checks and claims name."""
    return table_paths(SECTIONS[wildcards.section].tables)
