"""A run as others read it: a Provenance Run Crate that keeps its profile, with the bytes of any other such run."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pgpipe.jobs.imports import sha256

VALIDATOR = os.environ.get("PGPIPE_VALIDATOR", Path(__file__).parents[2] / ".venv-validator/bin/python")

pytest.importorskip("rocrate", reason="`make setup-crate` installs it")


def packed(ran, folder, *arguments):
    command = [sys.executable, ran.path / "workflow/crate.py", folder, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def small(ran, tmp_path_factory):
    """What of the small lecture's run is packed, and its records, in a folder of its own."""
    folder = tmp_path_factory.mktemp("run")
    for part in ("reports", "results/provenance"):
        shutil.copytree(ran.file(part), folder / part)
    return folder


@pytest.fixture
def run(small, tmp_path):
    """A copy of it to break."""
    return shutil.copytree(small, tmp_path / "run", ignore=shutil.ignore_patterns("*.zip"))


@pytest.fixture(scope="module")
def crate(ran, small, tmp_path_factory):
    """The unpacked crate of the small run."""
    process = packed(ran, small, "--agent", "Ada Lovelace")
    assert process.returncode == 0, process.stderr
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(small / "reports/lecture.crate.zip") as archive:
        archive.extractall(folder)
    return folder


def graph(crate):
    entities = json.loads((crate / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
    return {entity["@id"]: entity for entity in entities}


def test_every_file_has_its_maker_inputs_and_checksum(crate):
    made = graph(crate)
    for path in sorted((crate / "reports").rglob("*")):
        if path.is_file():
            assert made[path.relative_to(crate).as_posix()]["sha256"] == sha256(path)
    drawn = made["#job/draw_figure/F3_three_samples"]
    assert {"@id": "reports/tables/three_samples.csv"} in drawn["object"]
    assert {"@id": "reports/figures/F3_three_samples.svg"} in drawn["result"]
    assert drawn["instrument"]["@id"] in {part["@id"] for part in made["Snakefile"]["hasPart"]}
    assert made["#agent"]["name"] == "Ada Lovelace"


def test_nothing_in_it_is_a_time(crate):
    for entity in graph(crate).values():
        assert not {"startTime", "endTime", "dateCreated"} & set(entity)
    assert not [id for id in graph(crate) if "timings" in id or id.endswith("costs.html")]
    assert not (crate / "reports/costs.html").exists()


def test_another_folder_gives_the_same_bytes(ran, run, small):
    for folder in (run, small):
        assert packed(ran, folder).returncode == 0
    assert (run / "reports/lecture.crate.zip").read_bytes() == (
        small / "reports/lecture.crate.zip"
    ).read_bytes()


def test_the_crate_holds_what_runs_it_again(ran, crate):
    config = json.loads((crate / "run-config.json").read_text("utf-8"))
    assert config["seeds"] == 3
    assert (crate / "Snakefile").read_text("utf-8") == (ran.path / "Snakefile").read_text("utf-8")
    assert (crate / "pgpipe/jobs/job.py").is_file()


@pytest.mark.parametrize(
    ("path", "break_it", "words"),
    [
        ("reports/tables/three_steps.csv", Path.unlink, "found no such file in the run"),
        ("reports/tables/three_steps.csv", lambda path: path.write_text("x"), "found other bytes than its job wrote"),
        ("reports/manifest.json", Path.unlink, "cannot be read"),
        ("results/provenance/reports/claims.json.json", lambda path: path.write_text("{"), "cannot be read"),
    ],
    ids=["gone", "changed", "no manifest", "half a record"],
)  # fmt: skip
def test_a_run_that_is_not_what_its_records_say_is_not_packed(ran, run, path, break_it, words):
    break_it(run / path)
    process = packed(ran, run)
    assert process.returncode == 1
    assert process.stderr.startswith(f"{run / path}: {words}")
    assert process.stderr.count("\n") == 1
    assert not (run / "reports/lecture.crate.zip").exists()


def test_a_file_that_lies_elsewhere_is_not_packed(ran, run, tmp_path):
    """A link in the run leads out of it: what is there is nobody's to publish."""
    table = run / "reports/tables/three_steps.csv"
    table.rename(tmp_path / "elsewhere.csv")
    table.symlink_to(tmp_path / "elsewhere.csv")
    assert "found no such file in the run" in packed(ran, run).stderr


def mistakes(folder):
    script = Path(__file__).parents[1] / "validate_crate.py"
    process = subprocess.run([VALIDATOR, script, folder], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


@pytest.mark.faults
@pytest.mark.skipif(not Path(VALIDATOR).exists(), reason="`make setup-validator` installs it")
def test_the_validator_of_others_finds_no_mistake_and_each_that_is_planted(crate, tmp_path):
    assert mistakes(crate) == []
    other = shutil.copytree(crate, tmp_path / "crate")
    (other / "reports/tables/three_steps.csv").unlink()
    assert [
        line
        for line in mistakes(other)
        if "does not include the Data Entity 'reports/tables/three_steps.csv'" in line
    ]
    words = (crate / "ro-crate-metadata.json").read_text("utf-8")
    shutil.copy(crate / "reports/tables/three_steps.csv", other / "reports/tables")
    for old, new, said in (
        ("https://w3id.org/ro/wfrun/provenance/0.5", "https://w3id.org/ro/wfrun/other/0.5", "permalink of the Provenance Run Crate"),
        ('"workExample"', '"nothing"', "A HowToStep must refer to its corresponding tool"),
        ('"HowTo"', '"Thing"', "MUST have the HowTo"),
    ):  # fmt: skip
        (other / "ro-crate-metadata.json").write_text(words.replace(old, new), "utf-8")
        assert [line for line in mistakes(other) if said in line], said
