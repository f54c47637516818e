"""The same config gives the same bytes: in any folder, and with any number of cores."""

import subprocess
import sys

from checkout import copied

# What says itself that it is never the same twice.
EXEMPT = {"reports/costs.html", "reports/tables/timings.csv"}


def files_of(run):
    """Every table, figure, ledger and page, by its path."""
    paths = (path for path in (run / "reports").rglob("*") if path.is_file())
    return {str(path.relative_to(run)): path for path in paths}


def pack(checkout):
    """The crate of a run is one of its files."""
    command = [sys.executable, "workflow/crate.py", "runs/small"]
    process = subprocess.run(command, cwd=checkout.path, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr


def test_another_folder_and_one_core_give_the_same_bytes(tmp_path, request):
    elsewhere = copied(tmp_path / "a clone whose path is longer, and has spaces" / "pgpipe")
    process = elsewhere.snakemake(cores=1)
    assert process.returncode == 0, process.stdout + process.stderr
    pack(elsewhere)
    theirs = files_of(elsewhere.file("."))
    ran = request.getfixturevalue("ran")  # which another worker has run meanwhile
    pack(ran)
    ours = files_of(ran.file("."))
    assert len(ours) > 20
    assert "reports/lecture.crate.zip" in ours
    assert set(ours) == set(theirs)
    differing = {name for name in ours if ours[name].read_bytes() != theirs[name].read_bytes()}
    assert differing <= EXEMPT
