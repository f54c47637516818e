"""What the pipeline spends on itself: `make bench-pipeline`.

Runs the default lecture and the tiny preset in new folders, then again with nothing to do, then after an
edit of one figure's file, in a copy of the checkout. Writes `pipeline.md` beside this file: seconds of wall
time, and CPU-seconds of Snakemake's own process, of starting processes and importing libraries, and of jobs.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from platform import python_version, uname
from tempfile import TemporaryDirectory, TemporaryFile
from time import monotonic, sleep

import psutil

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from checkout import Checkout, copied  # noqa: E402

TINY = ("--configfile", "workflow/presets/tiny.yaml")
FIGURE = "pgpipe/lecture/line/figures/vector_field.py"
CORES = 2


@dataclass(frozen=True)
class Cost:
    """What one call of Snakemake took, in seconds; all but `wall` and `busy` are CPU time."""

    what: str
    wall: float
    snakemake: float  # its own process
    starting: float  # the jobs' scripts, and the server with its imports
    jobs: float
    busy: float  # from the start of each job to its end, added up
    n_jobs: int

    @property
    def total(self) -> float:
        """All CPU time."""
        return self.snakemake + self.starting + self.jobs


def measure(what: str, checkout: Checkout, folder: str, *arguments: str) -> Cost:
    """Run Snakemake in a folder of the checkout and watch the CPU time of its processes."""
    timings = checkout.path / folder / "results/timings"
    before = {path: path.stat().st_mtime_ns for path in timings.rglob("*.json")}
    command = [sys.executable, "-m", "snakemake", "--cores", str(CORES), "--directory", folder, *arguments]
    started = monotonic()
    said = TemporaryFile()  # noqa: SIM115  a pipe that nobody reads would fill up
    process = psutil.Popen(command, cwd=checkout.path, stdout=subprocess.DEVNULL, stderr=said)
    own = waited = server = 0.0
    while process.poll() is None:
        try:
            now = process.cpu_times()
            own, waited = now.user + now.system, now.children_user + now.children_system
            server = max(server, _server(process))
        except psutil.Error:
            pass
        sleep(0.1)
    wall = monotonic() - started
    if process.returncode:
        said.seek(0)
        raise SystemExit(f"{what} failed:\n{said.read().decode()}")
    made = [path for path in timings.rglob("*.json") if before.get(path) != path.stat().st_mtime_ns]
    costs = [json.loads(path.read_text("utf-8")) for path in made]
    jobs, busy = (sum(cost[name] for cost in costs) for name in ("cpu_seconds", "seconds"))
    print(f"{what}: {wall:.1f} s", flush=True)
    return Cost(what, wall, own, waited + server, jobs, busy, len(costs))


def _server(snakemake: psutil.Process) -> float:
    """CPU time of the process that forks the jobs, without theirs."""
    for child in snakemake.children():
        if any(word.endswith("fork_server.py") for word in child.cmdline()):
            return child.cpu_times().user + child.cpu_times().system
    return 0.0


def run() -> list[Cost]:
    """All of them, in this order: each finds what those before have made."""
    costs = []
    with TemporaryDirectory() as folder:
        checkout = copied(Path(folder) / "pgpipe")
        for name, place, config in (("default lecture", "runs/full", ()), ("tiny preset", "runs/tiny", TINY)):
            costs.append(measure(name, checkout, place, *config))
            costs.append(measure(f"{name}, nothing to do", checkout, place, *config))
            figure = checkout.path / FIGURE
            figure.write_text(figure.read_text("utf-8") + f"\n# edited for the {name}\n", encoding="utf-8")
            costs.append(measure(f"{name}, one figure's file edited", checkout, place, *config))
    return costs


def write(costs: list[Cost]) -> None:
    """The table, and what it was measured on."""
    titles = ["what", "jobs", "wall, s", "CPU, s", "Snakemake", "starting and imports", "computing", "busy"]
    lines = [
        "# What the pipeline spends on itself",
        "",
        f"On {CORES} cores of {_cpu()}, {date.today()}, Python {python_version()}, {uname().system}. "
        "Written by `make bench-pipeline`.",
        "",
        _row(titles),
        "|---|" + "---:|" * (len(titles) - 1),
        *(_row(_cells(cost)) for cost in costs),
        "",
        "Snakemake: CPU time of its own process, the plan included. Starting and imports: the script that",
        "Snakemake starts for each job, and the server that imports the libraries once and forks for each",
        "job. Computing: the jobs' own CPU time. Busy: the jobs' wall time over that of all cores.",
    ]
    (HERE / "pipeline.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cells(cost: Cost) -> list[str]:
    shares = [f"{s:.1f} s, {s / cost.total:.1%}" for s in (cost.snakemake, cost.starting, cost.jobs)]
    busy = f"{cost.busy / CORES / cost.wall:.0%}"
    return [cost.what, str(cost.n_jobs), f"{cost.wall:.1f}", f"{cost.total:.1f}", *shares, busy]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(line.partition(": ")[2] for line in lines if line.startswith("model name"))


if __name__ == "__main__":
    write(run())
