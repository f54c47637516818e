"""A copy of the checkout, and one run of a small lecture in it that all tests of the graph share."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LEFT_OUT = (".git", ".venv*", ".snakemake", "results", "reports", "logs", "runs", "__pycache__", ".*_cache")


@dataclass
class Checkout:
    """A copy of the project with a folder in it to run in."""

    path: Path

    def snakemake(self, *arguments, directory="runs/small", configs=("tests/workflow/small.yaml",), cores=2):
        """Run the main command, with the small config; return the finished process."""
        files = [str(self.path / config) for config in configs]
        (self.path / directory).mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "snakemake", "--directory", directory, "--cores", str(cores)]
        return subprocess.run(
            [*command, *arguments, "--configfile", *files],
            cwd=self.path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def planned(self, *extra_configs, **options):
        """The jobs of a dry run, as {(rule, first output)}."""
        configs = ("tests/workflow/small.yaml", *extra_configs)
        process = self.snakemake("--dry-run", configs=configs, **options)
        assert process.returncode == 0, process.stdout + process.stderr
        jobs = re.findall(
            r"^(?:local)?rule (\w+):\n(?:    .*\n)*?    output: ([^,\n]+)", process.stdout, re.MULTILINE
        )
        if not jobs:
            assert "Nothing to be done" in process.stdout
        return set(jobs)

    def file(self, name):
        """A file of the run."""
        return self.path / "runs/small" / name


@pytest.fixture(scope="session")
def ran(tmp_path_factory):
    """The checkout after one whole run of the small lecture."""
    checkout = Checkout(tmp_path_factory.mktemp("checkout") / "pgpipe")
    shutil.copytree(ROOT, checkout.path, ignore=shutil.ignore_patterns(*LEFT_OUT))
    process = checkout.snakemake()
    assert process.returncode == 0, process.stdout + process.stderr
    return checkout


@pytest.fixture
def edit(ran):
    """Change a file of the copy for the length of one test; its content comes back, its time stamp does not."""
    before = {}

    def change(name, old, new):
        path = ran.path / name
        text = before.setdefault(path, path.read_text())
        assert old in text
        path.write_text(text.replace(old, new))

    yield change
    for path, text in before.items():
        path.write_text(text)


@pytest.fixture
def extra(ran, tmp_path):
    """Write one more override file."""

    def write(text):
        path = tmp_path / "extra.yaml"
        path.write_text(text)
        return path

    return write
