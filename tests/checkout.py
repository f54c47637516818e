"""A copy of the checkout to run and to edit, for tests and benchmarks."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = (".git", ".venv*", ".snakemake", "results", "reports", "logs", "runs", "__pycache__", ".*_cache")


@dataclass
class Checkout:
    """A copy of the project with a folder in it to run in."""

    path: Path

    def snakemake(
        self,
        *arguments: str,
        directory: str = "runs/small",
        configs: Sequence[str | Path] = ("tests/workflow/small.yaml",),
        cores: int = 2,
    ) -> subprocess.CompletedProcess[str]:
        """Run the main command, with the small config; return the finished process."""
        files = [str(self.path / config) for config in configs]
        (self.path / directory).mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "snakemake", "--directory", directory, "--cores", str(cores)]
        return subprocess.run(
            [*command, *arguments, "--configfile", *files],
            cwd=self.path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def planned(self, *extra_configs: str | Path) -> set[tuple[str, str]]:
        """The jobs of a dry run, as {(rule, first output)}."""
        configs = ("tests/workflow/small.yaml", *extra_configs)
        process = self.snakemake("--dry-run", configs=configs)
        assert process.returncode == 0, process.stdout + process.stderr
        jobs = re.findall(
            r"^(?:local)?rule (\w+):\n(?:    .*\n)*?    output: ([^,\n]+)", process.stdout, re.MULTILINE
        )
        if not jobs:
            assert "Nothing to be done" in process.stdout
        return set(jobs)

    def file(self, name: str) -> Path:
        """A file of the run."""
        return self.path / "runs/small" / name


def copied(path: Path) -> Checkout:
    """A copy of the project at `path`."""
    shutil.copytree(ROOT, path, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return Checkout(path)


def copied_run(ran: Checkout, path: Path) -> Checkout:
    """A copy with what it has run, to be edited; other tests look at the original meanwhile."""
    shutil.copytree(ran.path, path, ignore=shutil.ignore_patterns("__pycache__"))
    return Checkout(path)
