"""The same config gives the same bytes: in any folder, and with any number of cores."""

import shutil
import subprocess
import sys

from checkout import copied

# What says itself that it is never the same twice.
EXEMPT = {"reports/costs.html", "reports/tables/timings.csv"}


def files_of(run):
    """Every table, figure, ledger and page, by its path."""
    paths = (path for path in (run / "reports").rglob("*") if path.is_file())
    return {str(path.relative_to(run)): path for path in paths}


def packed(checkout, folder):
    """What the run says of itself, in a folder, with its crate, which is one of its files."""
    for part in ("reports", "results/provenance"):
        shutil.copytree(checkout.file(part), folder / part)
    command = [sys.executable, "workflow/crate.py", folder]
    process = subprocess.run(command, cwd=checkout.path, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return folder


def test_another_folder_and_one_core_give_the_same_bytes(tmp_path, request):
    elsewhere = copied(tmp_path / "a clone whose path is longer, and has spaces" / "pgpipe")
    process = elsewhere.snakemake(cores=1)
    assert process.returncode == 0, process.stdout + process.stderr
    theirs = files_of(packed(elsewhere, tmp_path / "theirs"))
    ran = request.getfixturevalue("ran")  # which another worker has run meanwhile
    ours = files_of(packed(ran, tmp_path / "ours"))
    assert len(ours) > 20
    assert "reports/lecture.crate.zip" in ours
    assert set(ours) == set(theirs)
    differing = {name for name in ours if ours[name].read_bytes() != theirs[name].read_bytes()}
    assert differing <= EXEMPT
