"""A small workflow under the project's own rules' helpers, to be disturbed: its runs, its processes, its files."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
MARK = "<!-- faults -->"

SNAKEFILE = f"""
include: "{ROOT}/workflow/rules/common.smk"


# another number for part 0 stands for another config
def part(wildcards):
    numbers = int(os.environ.get("NUMBERS", 500)) if wildcards.part == "0" else 500
    spec = {{"part": wildcards.part, "numbers": numbers, "seconds": 0.2}}
    return {{"function": "tests.slow:write_part", "uses": [], "code": "1", "spec": spec}}


rule all:
    default_target: True
    input:
        "reports/sum.md",

rule write_part:
    output:
        text="results/{{part}}.md",
    log:
        "logs/write_part/{{part}}.log",
    resources:
        mem_mb=500,
    params:
        job=part,
    script:
        "{ROOT}/workflow/run.py"

rule join_parts:
    input:
        parts=expand("results/{{part}}.md", part=range(8)),
    output:
        text="reports/sum.md",
    log:
        "logs/join_parts.log",
    params:
        job={{"function": "tests.slow:join_parts", "uses": [], "code": "1", "spec": {{}}}},
    script:
        "{ROOT}/workflow/run.py"
"""


@dataclass
class Disturbed:
    """A folder with this workflow in it, in which it is run."""

    folder: Path

    def command(self, *arguments: str) -> list[str]:
        """The plain command, as a user gives it."""
        return [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a run."""
        return subprocess.Popen(
            self.command(*arguments), cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        )  # fmt: skip

    def run(self, *arguments: str, status: int = 0, **environment: str) -> str:
        """Run to the end, which has to have this status; what was said."""
        process = self.start(*arguments, **environment)
        said = process.communicate(timeout=120)[0]
        assert process.returncode == status, said
        assert "Traceback" not in said, said
        return said

    def is_held_by(self, process: subprocess.Popen[str]) -> bool:
        """Whether a run has begun with its jobs: it has the folder's lock."""
        lock = self.folder / ".snakemake/pgpipe/lock"
        return lock.exists() and lock.read_text().startswith(f"process {process.pid} ")

    def made(self) -> dict[str, bytes]:
        """All that a run leaves, but for seconds, and what it has no need to leave: logs and Snakemake's notes."""
        files = [path for name in ("results", "reports") for path in (self.folder / name).rglob("*")]
        names = {str(path.relative_to(self.folder)): path for path in files if path.is_file()}
        return {name: path.read_bytes() for name, path in names.items() if "/timings/" not in name}

    def processes(self) -> list[psutil.Process]:
        """All that are at work in the folder."""
        return [process for process in psutil.process_iter() if _folder_of(process) == str(self.folder)]

    def workers(self) -> list[psutil.Process]:
        """The processes of jobs: children of the server that forks."""
        return [each for each in self.processes() if "fork_server.py" in _words(each) and _is_fork(each)]

    def wait(self, condition: Callable[[], object], seconds: float = 60) -> bool:
        """Wait until something is so; whether it came so."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True


def disturbed(folder: Path) -> Disturbed:
    """The workflow in a new folder."""
    folder.mkdir(parents=True)
    (folder / "Snakefile").write_text(SNAKEFILE)
    shutil.copytree(ROOT / "profiles", folder / "profiles")
    return Disturbed(folder)


def tell(fault: str, tries: int, recovered: str) -> None:
    """A row of the table of faults that this test has seen to be true: all tries gave the same bytes at the end.

    Where `FAULTS` names a folder it is left there for the table; else it has to stand in the table.
    """
    row = f"| {fault} | {tries} | 0 | {recovered} |"
    if folder := os.environ.get("FAULTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{sha256(fault.encode()).hexdigest()[:8]}.json").write_text(json.dumps(row))
    else:
        assert row in README.read_text("utf-8").splitlines(), (
            f"not in {README.name}, run `make faults`: {row}"
        )


def write_table(folder: Path) -> None:
    """Put all rows that tests have left in a folder into the README, between its two marks."""
    rows = sorted(json.loads(path.read_text()) for path in folder.glob("*.json"))
    table = "\n".join(["| fault | tries | lost | how it is recovered |", "|---|---|---|---|", *rows])
    before, _, after = README.read_text("utf-8").split(MARK)
    README.write_text(f"{before}{MARK}\n{table}\n{MARK}{after}", "utf-8")


def _folder_of(process: psutil.Process) -> str:
    try:
        return process.cwd()
    except psutil.Error:
        return ""


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _is_fork(process: psutil.Process) -> bool:
    try:
        parent = process.parent()
        return parent is not None and "fork_server.py" in _words(parent)
    except psutil.Error:
        return False


if __name__ == "__main__":
    write_table(Path(sys.argv[1]))
