"""On a real Slurm, on this machine: the same bytes as without, whatever happens to a job or to its node."""

import os
import re
import subprocess
import sys
from math import ceil

import pytest
import yaml
from checkout import ROOT
from cluster import missing, slurm, wait_for

from workflow.costs import predicted, read_costs

LACKING = missing()
needs_slurm = pytest.mark.skipif(
    bool(LACKING) and os.environ.get("PGPIPE_SLURM") != "required",
    reason=f"no {', '.join(LACKING)}; .ci/slurm installs them",
)

CONFIG = """\
base: none
environments:
  line: {id: pgpipe/Line-v0, kwargs: {horizon: 5}, gamma: 0.95, policy: {kind: linear_gaussian, k: -0.3, sigma: 0.5}}
recipes:
  walk: {environment: line, estimator: mean_baseline, learning_rate: 0.02, episodes: 8, updates: 4}
seeds: 4
seeds_per_block: 2
resamples: 100
"""
TARGET = "reports/figures/P6_learning_curves.svg"
# Accounting is none here; checks as often as the plugin can, which waits longer each time that nothing has ended.
QUICK = ["--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "5"]
QUICK += ["--seconds-between-status-checks", "1", "--latency-wait", "5", "--slurm-keep-successful-logs"]
# What is not told by the config: seconds.
EXEMPT = "results/timings"


def command(folder, *arguments):
    (folder / "two.yaml").write_text(CONFIG)
    words = [sys.executable, "-m", "snakemake", "--directory", str(folder / "run")]
    return [*words, *arguments, "--configfile", str(folder / "two.yaml"), "--", TARGET]


def made(folder):
    """The content of all files of a run, by their paths in it."""
    run = folder / "run"
    files = [path for name in ("results", "reports") for path in (run / name).rglob("*") if path.is_file()]
    names = {str(path.relative_to(run)): path for path in files}
    return {name: path.read_bytes() for name, path in names.items() if not name.startswith(EXEMPT)}


@pytest.mark.faults
@needs_slurm
def test_slurm_gives_the_same_bytes_though_a_job_is_cancelled_and_a_node_is_lost(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    local = subprocess.Popen(
        command(here, "--cores", "1"), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with slurm() as cluster:
        process = subprocess.Popen(
            command(there, "--workflow-profile", "profiles/slurm", *QUICK),
            cwd=ROOT, env=cluster.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            wait_for(lambda: len(cluster.jobs("RUNNING")) == 2, 60)
            (cancelled, _, _), (moved, lost, _) = cluster.jobs("RUNNING")
            cluster.run("scancel", cancelled)
            cluster.run("scontrol", "update", f"nodename={lost}", "state=down", "reason=a test")
            said, _ = process.communicate(timeout=300)
        finally:
            process.kill()
            local.wait(60)
        ended = {job: (node, comment) for job, node, comment in cluster.jobs("COMPLETED")}
    assert local.returncode == 0
    assert process.returncode == 0, said
    assert cancelled not in ended
    assert moved in ended, (
        said
    )  # Slurm itself has run it again, for which the profile asks: the site does not
    assert ended[moved][0] != lost
    assert len(ended) == 3, ended  # a block each, and one submission for all that follows
    (log,) = (there / "run/.snakemake/log").glob("*.log")
    assert f"SLURM-job '{cancelled}' failed, SLURM status is: 'CANCELLED'" in log.read_text()
    (words,) = (there / "run/.snakemake/slurm_logs").glob("group_words*/*.log")
    assert words.read_text().count("Building DAG of jobs") == 2  # not once more for each job of the group
    assert made(there) == made(here)


def test_a_job_asks_for_what_it_computes_and_for_twice_as_much_at_its_second_try(tmp_path):
    (tmp_path / "two.yaml").write_text(
        CONFIG.replace(
            "seeds: 4",
            "  far: {environment: line, estimator: mean_baseline, learning_rate: 0.02, episodes: 50_000, updates: 4000}\n"
            "seeds: 4",
        )
    )
    process = subprocess.run(
        [sys.executable, "-m", "snakemake", "-n", "--directory", str(tmp_path), "--attempt", "2", "--configfile", str(tmp_path / "two.yaml"), "--", "results/training/walk/0.csv", "results/training/far/0.csv"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    asked = re.findall(r"recipe=(\w+), .*\n +resources: .*runtime=(\d+), mem_mb=(\d+)", process.stdout)
    resources = {recipe: (int(minutes), int(megabytes)) for recipe, minutes, megabytes in asked}
    assert resources["walk"] == (2 * 11, 2 * 1000)  # the least that any has
    # 2 seeds, 4,000 updates of 50,000 episodes of 5 steps: 2·10⁹ steps, of which 5·10⁵ are held
    law = read_costs()["train_block"]
    seconds = predicted(law["seconds"], "pgpipe/Line-v0", 2e9)
    megabytes = predicted(law["megabytes"], "pgpipe/Line-v0", 5e5)
    assert resources["far"] == (2 * (10 + ceil(4 * seconds / 60)), 2 * 500 * ceil(1.5 * megabytes / 500))
    assert min(seconds / 60, megabytes / 1000) > 1


def test_the_profile_has_all_that_the_default_has():
    """But for the cores, of which a job takes one wherever it is."""
    default, cluster = (
        yaml.safe_load(
            re.sub(r"(?m)^\?if.*:$", "shown:", (ROOT / f"profiles/{name}/profile.yaml").read_text())
        )
        for name in ("default", "slurm")
    )
    assert default.pop("cores") == "all"
    assert cluster["cores"] == 1
    assert default.items() <= cluster.items()
