"""The same config gives the same bytes: in any folder, with any number of cores, and job by job."""

import json
import subprocess
import sys

import pytest
from checkout import copied

from pgpipe.job import DREW

# What says itself that it is never the same twice.
EXEMPT = {"reports/costs.html", "reports/tables/timings.csv"}


def files_of(run):
    """Every table, figure, ledger and page, by its path."""
    paths = (path for path in (run / "reports").rglob("*") if path.is_file())
    return {str(path.relative_to(run)): path for path in paths}


def test_another_folder_and_one_core_give_the_same_bytes(tmp_path, request):
    elsewhere = copied(tmp_path / "a clone whose path is longer, and has spaces" / "pgpipe")
    process = elsewhere.snakemake(cores=1)
    assert process.returncode == 0, process.stdout + process.stderr
    theirs = files_of(elsewhere.file("."))
    ours = files_of(request.getfixturevalue("ran").file("."))  # which another worker has run meanwhile
    assert len(ours) > 20
    assert set(ours) == set(theirs)
    differing = {name for name in ours if ours[name].read_bytes() != theirs[name].read_bytes()}
    assert differing <= EXEMPT


def replay(checkout, record):
    """Run a job again by its record, as one would at a prompt."""
    return subprocess.run(
        [sys.executable, str(checkout.path / "workflow/run.py"), str(record)],
        cwd=checkout.file("."), capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.xdist_group("graph")
def test_no_job_draws_from_a_global_generator(ran):
    logs = list(ran.file("logs").rglob("*.log"))
    assert len(logs) > 50
    assert [log.name for log in logs if DREW in log.read_text()] == []


@pytest.mark.xdist_group("graph")
class TestReplay:
    def test_a_job_runs_again_from_its_record(self, ran):
        """Also one that makes several files and reads some; what is there stays as it is."""
        record = ran.file("results/provenance/results/study/line/gradient_quality.csv.json")
        before = ran.file("results/study/line/gradient_quality.csv").stat()
        process = replay(ran, record)
        assert process.returncode == 0, process.stdout + process.stderr
        assert process.stdout.count("the same as results/study/line/") == 5
        assert ran.file("results/study/line/gradient_quality.csv").stat() == before

    def test_a_replay_says_what_differs(self, ran, edit):
        edit("pgpipe/oracles/line_field.py", "J, *vanilla", "J + 1, *vanilla")
        process = replay(ran, ran.file("results/provenance/reports/tables/vector_field.csv.json"))
        assert process.returncode == 1
        lines = process.stdout.splitlines()
        assert (
            "replayed/reports/tables/vector_field.csv: differs from reports/tables/vector_field.csv" in lines
        )
        assert "replayed/reports/tables/optimum.csv: the same as reports/tables/optimum.csv" in lines

    def test_a_record_says_what_made_the_file(self, ran):
        record = json.loads(ran.file("results/provenance/reports/tables/vector_field.csv.json").read_text())
        assert record["job"]["function"] == "pgpipe.studies.vector_field:map_field"
        assert {"pgpipe/oracles/line_field.py", "requirements.lock"} <= set(record["code"])
