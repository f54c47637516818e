"""A study of one's own, outside the checkout: it runs, and an edit of its code redoes what uses it."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from checkout import ROOT

# The example in little, one job after the other.
TINY = """
seeds: 4
resamples: 100
recipes:
  with_own:  {environment: corridor, estimator: own_baseline, learning_rate: 0.02, episodes: 4, updates: 2}
  with_mean: {environment: corridor, estimator: mean_baseline, learning_rate: 0.02, episodes: 4, updates: 2}
gradient_study: {environments: [corridor], batch_sizes: [4], replicates: 8, reference_replicates: 8}
"""
FIGURE, EVIDENCE = "reports/figures/Y1_own_variances.svg", "results/evidence/yours.json"
TRAINED = {name: f"results/training/{name}/0.csv" for name in ("with_own", "with_mean")}


@dataclass
class Study:
    """The example in a folder of its own."""

    folder: Path

    def snakemake(self, *arguments):
        """Run it as the example's config says."""
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "1"]
        files = ["--configfile", "mine.yaml", "tiny.yaml", "--directory", "run"]
        return subprocess.run(
            [*command, *files, *arguments],
            cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def planned(self):
        """The jobs of a dry run, as {(rule, first output)}."""
        process = self.snakemake("--dry-run")
        assert process.returncode == 0, process.stdout + process.stderr
        pattern = r"^(?:local)?rule (\w+):\n(?:    .*\n)*?    output: ([^,\n]+)"
        return set(re.findall(pattern, process.stdout, re.MULTILINE))

    def edit(self, name, old, new):
        """Change one of its files."""
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


@pytest.fixture(scope="session")
def done(once):
    """The example after one run."""

    def run(folder):
        study = Study(folder / "study")
        shutil.copytree(ROOT / "examples/own", study.folder)
        (study.folder / "tiny.yaml").write_text(TINY)
        process = study.snakemake()
        assert process.returncode == 0, process.stdout + process.stderr

    return Study(once("own", run) / "study")


@pytest.fixture
def study(done, tmp_path):
    """A copy of it, deeper, under a name with a blank."""
    folder = tmp_path / "moved here/study"
    shutil.copytree(done.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return Study(folder)


def test_it_runs_with_a_figure_a_claim_and_a_check_of_its_own(done):
    evidence = json.loads((done.folder / "run/results/evidence/yours.json").read_text())
    claim, check = evidence["claims"][0], evidence["checks"][0]
    assert (claim["id"], claim["section"], claim["n"]) == ("Y2", "yours", 8)
    assert claim["statement"].startswith("Subtracting the others' median")
    assert claim["verdict"] == "supported"
    assert (check["id"], check["passed"]) == ("Y3", True)
    said = (done.folder / "run/reports/figures/Y1_own_variances.md").read_text()
    assert said.startswith("# The least noisy estimator is mean baseline")


def test_it_gives_a_full_report_in_which_it_has_the_last_section(done):
    reports = done.folder / "run/reports"
    page = (reports / "lecture.html").read_text()
    assert page.index('id="yours"') > page.index('id="variance-reduction"')
    assert 'id="Y1"' in page
    assert 'id="Y2"' in page
    assert {"lecture.pdf", "slides.html", "manifest.json"} <= {path.name for path in reports.iterdir()}
    assert "Y2" in {claim["id"] for claim in json.loads((reports / "claims.json").read_text())}


def test_a_record_names_the_plugins_and_their_files(done):
    records = done.folder / "run/results/provenance/results"
    record = json.loads((records / "training/with_own/0.csv.json").read_text())
    assert record["job"]["plugins"] == ["my_lab"]
    own = {"my_lab/corridor.py", "my_lab/nets.py", "my_lab/baselines/others_median.py"}
    assert own | {"gymnasium:MyLab/Corridor-v0"} <= set(record["code"])
    assert "more.py" not in record["code"]


def test_a_moved_study_is_still_done_and_an_edited_baseline_redoes_what_uses_it(study):
    assert study.planned() == set()
    study.edit("my_lab/baselines/others_median.py", "n - 1)", "n - 1) * 1.0")
    jobs = study.planned()
    assert ("train_block", TRAINED["with_own"]) in jobs
    assert ("train_block", TRAINED["with_mean"]) not in jobs
    assert not {"train_snapshots", "collect_rollouts", "compute_reference"} & {rule for rule, _ in jobs}
    assert ("estimate_gradients", "results/study/corridor/estimates.safetensors") in jobs


def test_an_edited_environment_redoes_its_jobs_and_an_edited_figure_itself(study):
    study.edit("my_lab/figures/own_variances.py", "less is better", "less noise is better")
    jobs = study.planned()
    assert {job for job in jobs if job[0] in ("draw_figure", "evaluate_section")} == {
        ("draw_figure", FIGURE), ("evaluate_section", EVIDENCE),
    }  # fmt: skip
    assert not {"train_block", "estimate_gradients"} & {rule for rule, _ in jobs}
    study.edit("my_lab/corridor.py", "self.place = max(self.place, 0)", "self.place = max(self.place, 1)")
    jobs = study.planned()
    assert set(TRAINED.values()) <= {path for _, path in jobs}
    assert "collect_rollouts" in {rule for rule, _ in jobs}
