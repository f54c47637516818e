"""Somebody's dataset in the graph: exported by a target, read back, and redone only where it was edited."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from checkout import ROOT

pytest.importorskip("minari", reason="the optional group minari is not installed")

CONFIG = """
base: none
recipes: {mine: {environment: line, estimator: mean_baseline, learning_rate: 0.02, episodes: 8, updates: 2, seeds: 0}}
estimators: {weighted: {signal: reward_to_go, importance: per_decision}, mean_baseline: {signal: reward_to_go, baseline: mean}}
resamples: 100
off_policy_study:
  environments: [line, grid]
  policy: untrained
  estimators: [weighted]
  distances: [0.01, 0.1]
  batch_size: 4
  replicates: 10
"""
TABLES = [f"reports/tables/off_policy_{name}.csv" for name in ("weights", "support", "probabilities", "data")]


def snakemake(folder: Path, *arguments: str, config: str = "mine.yaml") -> subprocess.CompletedProcess[str]:
    """Run it in `folder/run` with a config of the folder."""
    (folder / "run").mkdir(exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--cores",
        "1",
        "--directory",
        str(folder / "run"),
        *arguments,
    ]
    return subprocess.run(
        [*command, "--configfile", str(folder / config)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def planned(folder: Path) -> set[str]:
    process = snakemake(folder, "--dry-run", *TABLES)
    assert process.returncode == 0, process.stdout + process.stderr
    return set(re.findall(r"^(?:local)?rule (\w+):$", process.stdout, re.MULTILINE))


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A folder with a config that names a dataset which another run has exported, after a run."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "plain.yaml").write_text(CONFIG)
    data = folder / "run/results/datasets/line/untrained-v0"
    made = snakemake(folder, "results/datasets/line/untrained-v0/data/main_data.hdf5", config="plain.yaml")
    assert made.returncode == 0, made.stdout + made.stderr
    shutil.copytree(data, folder / "mine")
    (folder / "mine.yaml").write_text(f"{CONFIG}  datasets: {{line: {{path: ./mine}}}}\n")
    process = snakemake(folder, *TABLES)
    assert process.returncode == 0, process.stdout + process.stderr
    return folder


def test_the_dataset_is_the_behaviour_of_its_environment_alone(ran):
    weights = pd.read_csv(ran / "run/reports/tables/off_policy_weights.csv")
    assert set(weights["environment"]) == {"line", "grid"}
    known = weights.groupby("environment")["exact_second_moment"].apply(lambda moments: moments.notna().all())
    assert known.to_dict() == {"line": False, "grid": True}
    [row] = pd.read_csv(ran / "run/reports/tables/off_policy_data.csv").to_dict("records")
    assert (row["environment"], row["episodes"], row["probabilities"]) == ("line", 40, "recorded")


def test_an_edited_dataset_redoes_what_reads_it_and_a_moved_one_nothing(ran):
    metadata = ran / "mine/data/metadata.json"
    text = metadata.read_text()
    metadata.write_text(json.dumps(json.loads(text) | {"description": "edited"}))
    try:
        assert planned(ran) == {"read_dataset", "study_off_policy", "study_dataset", "gather_table"}
    finally:
        metadata.write_text(text)
    shutil.move(ran / "mine", ran / "moved")
    (ran / "mine.yaml").write_text(f"{CONFIG}  datasets: {{line: {{path: moved/data}}}}\n")
    assert planned(ran) == set()


def test_a_config_without_datasets_has_the_jobs_it_had(ran):
    """No key of a job's spec says that there is none."""
    for record in (ran / "run/results/provenance/results/off_policy").rglob("off_policy_weights.csv.json"):
        job = json.loads(record.read_text())["job"]
        own = "line" in record.parts
        assert ("dataset" in job["spec"]) == own
        assert ("dataset" in job["inputs"]) == own


def test_what_is_not_there_is_one_line_before_any_job(ran):
    (ran / "wrong.yaml").write_text(f"{CONFIG}  datasets: {{line: {{path: ./min}}}}\n")
    process = snakemake(ran, "--dry-run", config="wrong.yaml")
    assert process.returncode == 1
    where = "off_policy_study.datasets.line.path: found neither a folder"
    assert (
        f"{ran}/wrong.yaml: the whole config: {where} {ran}/min nor a local Minari dataset" in process.stderr
    )
    assert "Traceback" not in process.stderr
