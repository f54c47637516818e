"""What `make check` asks of the workflow itself: it lints, and every preset plans a whole run."""

import re
import subprocess
import sys

import pytest

# Environments come from the lock file, for all rules alike.
ACCEPTED = {"Specify a conda environment or container for each rule."}


def snakemake(root, *arguments):
    command = [sys.executable, "-m", "snakemake", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def presets():
    from pathlib import Path

    return sorted(path.name for path in Path(__file__).parents[2].glob("workflow/presets/*.yaml"))


def test_lint_finds_nothing_but_that_rules_have_no_conda(root):
    process = snakemake(root, "--lint")
    found = re.findall(r"^    \* (.*?):$", process.stdout + process.stderr, re.MULTILINE)
    assert found, "the lint's output has changed: nothing was recognised in it"
    assert set(found) <= ACCEPTED


@pytest.mark.parametrize("preset", presets())
def test_every_preset_plans_a_whole_run(root, tmp_path, preset):
    process = snakemake(
        root, "--dry-run", "--directory", str(tmp_path), "--configfile", f"workflow/presets/{preset}"
    )
    assert process.returncode == 0, process.stderr
    assert "write_report" in process.stdout


def test_the_default_config_plans_a_whole_run(root, tmp_path):
    process = snakemake(root, "--dry-run", "--directory", str(tmp_path))
    assert process.returncode == 0, process.stderr
    assert "write_report" in process.stdout
