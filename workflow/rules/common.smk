# Helpers of the rules: the config, a job's parameter, and the tables that rules publish. No rules in here.
import json
import os
import shlex
import sys
from functools import cache
from math import ceil
from pathlib import Path

# This checkout's own package comes first, here and in every job, whatever is installed.
ROOT = Path(workflow.current_basedir).parent.parent
if os.pathsep in str(ROOT):
    sys.exit(
        f"{ROOT}: found '{os.pathsep}' in the checkout's path; allowed: a path without, as Python cannot import there"
    )
if any(word.partition("=")[0] == "--archive" for word in sys.argv) and Path.cwd() != ROOT:
    sys.exit(
        "--archive: found a run in another folder than the checkout, of which the archive would have nothing; "
        f"allowed: without --directory, in {ROOT}. Or pack both folders: tar -czf archive.tar.gz {ROOT} {Path.cwd()}"
    )
sys.path.insert(0, str(ROOT))
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# whatever else Python was told to look through, seen from where Snakemake was started
OTHERS = [
    os.path.join(workflow.workdir_init, path)
    for path in os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if path
]
# one thread a job: the same bytes whatever the number of cores
os.environ.update({"PYTHONPATH": os.pathsep.join([str(ROOT), *OTHERS])} | dict.fromkeys(THREADS, "1"))

# Snakemake writes the path of Python into the commands of jobs as it is: with a blank in it they would not start.
PYTHON = shlex.split(sys.executable)[0] if not Path(sys.executable).exists() else sys.executable
sys.executable = shlex.quote(PYTHON)

from pgpipe.config.files import ConfigError, read_config
from pgpipe.config.reading import read_file
from pgpipe.datasets.places import INSTALL, is_installed
from pgpipe.jobs.imports import digest, plugins_of
from pgpipe.jobs.trial import try_plugins
from pgpipe.lecture import registry
from pgpipe.lecture.certificate.specs import judged_estimators
from pgpipe.lecture.config import Config
from pgpipe.lecture.off_policy.specs import exported_datasets
from pgpipe.lecture.report import shelves
from pgpipe.lecture.tables import Tables
from pgpipe.plugins.loading import PLACES, places
from pgpipe.plugins.plugin import PluginError
from workflow import fork_server, run_lock, settled, writable
from workflow.costs import expected, read_costs

# Snakemake itself could not even plan there.
if workflow.is_main_process and (told := writable.closed(Path.cwd(), below=(".snakemake",))):
    sys.exit(told)

# As a module of another workflow it has the config that it is given, and what is in no such module's.
if workflow.modifier.namespace:
    OVERRIDES, ARGUMENTS = [config], []
else:
    OVERRIDES = [Path(path) for path in workflow.configfiles]
    ARGUMENTS = workflow.config_settings.config_args or []
try:
    # beside Snakemake's own notes, not among the results: whoever loses it loses some seconds
    FINDINGS = Path(".snakemake/pgpipe")
    CONFIG = read_config(Config, ROOT / "config.yaml", OVERRIDES, ARGUMENTS, FINDINGS)
    try_plugins(FINDINGS)
    FIGURES = {figure.name: figure for figure in registry.figure_files()}
    SECTIONS = {section.name: section for section in registry.section_files()}
except (ConfigError, PluginError) as error:
    sys.exit(str(error))

# Two modules of one workflow are one process, whose plugins would be those of the last.
known = vars(workflow).setdefault("pgpipe_plugins", places())
if known != places():
    found, other = (
        ", ".join(path for path, _ in json.loads(each).values()) or "none" for each in (places(), known)
    )
    sys.exit(
        f"module {workflow.modifier.namespace}: found other plugins ({found}) than in another module of pgpipe ({other}); "
        "allowed: the same in all modules of a workflow, or a workflow for each"
    )

if workflow.is_main_process:
    changed = [] if run_lock.is_held() else settled.settle()
    for note in [*CONFIG.notes(), *changed, *filter(None, [writable.closed(Path.cwd())])]:
        print(f"note: {note}", file=sys.stderr)

# a job's parameter names the plugins that it uses; where they are is no part of it
os.environ[PLACES] = places()

TABLES = Tables(CONFIG.sections)
GROUPS = "PGPIPE_GROUPS"  # the environment variable that tells a cluster's nodes of the profile's groups


onstart:
    if told := writable.closed(Path.cwd()):
        sys.exit(told)
    # held until this process ends, however it ends; whoever has nothing to run needs none
    try:
        run_lock.take()
    except run_lock.HeldError as error:
        sys.exit(str(error))
    if workflow.local_exec:
        fork_server.start(PYTHON)
        # The limit of jobs per second makes the scheduler look at all ready jobs again one second after each time
        # it did, for ever: with hundreds of jobs that took half a core. Here there is nothing to limit.
        workflow.scheduler.job_rate_limiter = None
    else:
        os.environ[GROUPS] = json.dumps(dict(workflow.group_settings.overwrite_groups))


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


COSTS = read_costs()
STUDY = CONFIG.gradient_study
COLLECTED = {"replicates": STUDY.replicates, "n": max(STUDY.batch_sizes)} if STUDY else None


@cache
def cost_of(make_job, values):
    """Seconds and MB that a job is expected to take, by what it computes (`workflow/costs.json`)."""
    return expected(COSTS, make_job.__name__, make_job(CONFIG, **dict(values)).spec, COLLECTED)


def memory_of(make_job):
    """MB that a rule's job may have: half as much again as is expected, twice that at its second try, and so on.

    It says how many environments may be alive at a time, on which no result depends; locally nothing else.
    """

    def megabytes(wildcards, attempt):
        _, expected_megabytes = cost_of(make_job, tuple(wildcards.items()))
        return attempt * max(1000, 500 * ceil(1.5 * expected_megabytes / 500))

    return megabytes


def minutes_of(make_job):
    """Minutes that a rule's job may take on a cluster: four times what is expected, and ten to start."""

    def minutes(wildcards, attempt):
        expected_seconds, _ = cost_of(make_job, tuple(wildcards.items()))
        return attempt * (10 + ceil(4 * expected_seconds / 60))

    return minutes


# Whether outputs may come from a cache between runs. Said only where it is asked for, or each run would tell of it.
SHARED = workflow.workflow_settings.cache is not None


def record_of(path):
    """The record that a job leaves of an output: declared where outputs may come from a cache, so that it does, too."""
    return f"results/provenance/{path}.json"


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


def certificates(wildcards):
    """The certificates of the estimators that this config has and the lecture has not, in its order."""
    names = judged_estimators(CONFIG, read_file(ROOT / "config.yaml"))
    return [f"results/certificate/{name}.json" for name in names]


def off_policy_inputs(wildcards):
    """The policies of an environment, and somebody's episodes in it, if the config names a dataset."""
    named = CONFIG.off_policy_study.datasets or {}
    folder = f"results/off_policy/{wildcards.environment}"
    own = {"dataset": f"{folder}/dataset.safetensors"} if wildcards.environment in named else {}
    return {"policies": f"results/study/{wildcards.environment}/policies.safetensors"} | own


def datasets_of_run(wildcards):
    """The files of `snakemake dataset`; who cannot have them is told in a line."""
    if CONFIG.off_policy_study is None:
        sys.exit("dataset: found no off_policy_study in the config, whose rollouts it would be")
    if not is_installed():
        sys.exit(f"dataset: Minari is not installed; a Minari dataset takes {INSTALL}")
    return exported_datasets(CONFIG)


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
