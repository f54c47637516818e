"""What a config takes on so many cores, on paper: its jobs, as long as `workflow/costs.json` expects, put on the cores
one after the other. `python -m workflow.scaling` writes docs/scaling.md; nothing is run.
"""

import heapq
import os
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from workflow.costs import Costs, expected, fit, predicted, read_costs, read_measured

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/scaling.md"
CORES = (1, 10, 100)

# Seconds that a job takes beside its computation: Snakemake starts its script.
START = 0.3


@dataclass(frozen=True)
class Node:
    """A job of the graph: its rule and wildcards, how long it is expected to take, and the jobs that it waits for."""

    name: str
    seconds: float
    before: tuple[int, ...]


def schedule(nodes: Sequence[Node], cores: int) -> float:
    """Seconds until all jobs are done: whenever a core is free it takes, of what is ready, what most work hangs on."""
    urgency, after = longest_after(nodes), _after(nodes)
    waiting = [len(node.before) for node in nodes]
    ready = [(-urgency[i], i) for i, count in enumerate(waiting) if count == 0]
    heapq.heapify(ready)
    running: list[tuple[float, int]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < cores:
            _, i = heapq.heappop(ready)
            heapq.heappush(running, (now + nodes[i].seconds, i))
        now, done = heapq.heappop(running)
        for i in after[done]:
            waiting[i] -= 1
            if waiting[i] == 0:
                heapq.heappush(ready, (-urgency[i], i))
    return now


def longest_after(nodes: Sequence[Node]) -> list[float]:
    """For each job, the seconds of the longest chain that begins with it.  Jobs stand behind those they wait for."""
    longest = [node.seconds for node in nodes]
    for i in reversed(range(len(nodes))):
        for j in nodes[i].before:
            longest[j] = max(longest[j], nodes[j].seconds + longest[i])
    return longest


def critical_path(nodes: Sequence[Node]) -> list[Node]:
    """The longest chain of jobs that wait for each other: no number of cores makes a run shorter."""
    longest, after = longest_after(nodes), _after(nodes)
    at = max(range(len(nodes)), key=lambda i: longest[i])
    path = [at]
    while after[path[-1]]:
        path.append(max(after[path[-1]], key=lambda i: longest[i]))
    return [nodes[i] for i in path]


def _after(nodes: Sequence[Node]) -> list[list[int]]:
    after: list[list[int]] = [[] for _ in nodes]
    for i, node in enumerate(nodes):
        for j in node.before:
            after[j].append(i)
    return after


def graph(config: Path, costs: Costs) -> list[Node]:
    """The jobs of a whole run with this config, in an order in which they could run."""
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import ConfigSettings, OutputSettings, Quietness, ResourceSettings

    with (
        open(os.devnull, "w") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
        TemporaryDirectory() as folder,
        SnakemakeApi(OutputSettings(dryrun=True, quiet={Quietness.ALL})) as api,
    ):
        workflow = api.workflow(
            ResourceSettings(cores=1), ConfigSettings(configfiles=[config]),
            snakefile=ROOT / "Snakefile", workdir=Path(folder),
        )  # fmt: skip
        workflow.dag().execute_workflow(executor="dryrun")
        dag = workflow._workflow.dag
        jobs = [job for level in dag.toposorted() for job in level]
        places = {job: i for i, job in enumerate(jobs)}
        specs = [job.params.get("job", {}).get("spec", {}) for job in jobs]
        study = next((spec for job, spec in zip(jobs, specs, strict=True) if job.rule.name == "collect_rollouts"), None)
        nodes = []
        for job, spec in zip(jobs, specs, strict=True):
            took = expected(costs, job.rule.name, spec, study)
            name = "/".join([job.rule.name, *map(str, job.wildcards)])
            before = tuple(sorted(places[each] for each in dag.dependencies[job]))
            nodes.append(Node(name, START + (took[0] if took else 0.0), before))
        return nodes


def page(nodes: Sequence[Node]) -> str:
    """docs/scaling.md."""
    total = sum(node.seconds for node in nodes)
    path = critical_path(nodes)
    rows = [(str(n), schedule(nodes, n)) for n in CORES] + [("any number", sum(node.seconds for node in path))]
    by_rule: dict[str, list[float]] = {}
    for node in nodes:
        by_rule.setdefault(node.name.partition("/")[0], []).append(node.seconds)
    dearest = sorted(by_rule.items(), key=lambda each: -sum(each[1]))[:10]
    longest = max(nodes, key=lambda node: node.seconds)
    lines = [
        "<!-- Written by `make scaling`: workflow/scaling.py from workflow/costs.json. Not by hand. -->",
        "# What the paper preset takes",
        "",
        f"On paper: `workflow/presets/paper.yaml` has {len(nodes):,} jobs, which are expected to take "
        f"{_hours(total)} of one core in all. Each is one thread, put on the first free core, those first on which most "
        "work hangs. No queue, no other user, and cores as fast as the one that was measured.",
        "",
        "| cores | from start to end | times as fast as one | of the cores' time in use |",
        "|---:|---:|---:|---:|",
        *(
            f"| {name} | {_hours(wall)} | {total / wall:.1f} | {_share(name, total / wall)} |"
            for name, wall in rows
        ),
        "",
        "## What limits it",
        "",
        f"With any number of cores the run takes its critical path, {_hours(rows[-1][1])}: {len(path)} jobs of which "
        f"each waits for the one before. The longest job of all is `{longest.name}`, {_hours(longest.seconds)}, "
        f"{100 * longest.seconds / rows[-1][1]:.0f} % of that path"
        f"{'' if longest in path else ', on which it does not lie'}. {_advice(rows)}",
        "",
        "| job on the critical path | expected |",
        "|---|---:|",
        *(f"| `{node.name}` | {_hours(node.seconds)} |" for node in path),
        "",
        "| rule | jobs | all of them | the longest |",
        "|---|---:|---:|---:|",
        *(f"| `{name}` | {len(each)} | {_hours(sum(each))} | {_hours(max(each))} |" for name, each in dearest),
        "",
        *_trust(),
    ]
    return "\n".join(lines) + "\n"


def _advice(rows: Sequence[tuple[str, float]]) -> str:
    useful = rows[0][1] / rows[-1][1]
    return f"More than about {useful:.0f} cores are of no use."


def _share(cores: str, speed: float) -> str:
    return f"{100 * speed / int(cores):.0f} %" if cores.isdigit() else ""


def _hours(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _trust() -> list[str]:
    """How far the expected times may be off, by runs that were measured."""
    rows = read_measured()
    runs = {run: [row for row in rows if row.run == run] for run in ("tiny", "default")}
    blind = _ratios(fit(runs["tiny"]), runs["default"])
    without = []
    by_rule = {row.rule: [each for each in rows if each.rule == row.rule] for row in rows}
    for row in runs["default"]:
        others = [each for each in by_rule[row.rule] if each is not row]
        if others:
            without += _ratios(fit(others), [row])
    return [
        "## How far to trust it",
        "",
        "A rule's jobs are expected to take so much in any case and so much for each step that the config asks for "
        "(`workflow/sizes.py`), which differs by environment and policy. The line is fitted to the processor time of "
        f"{len(rows)} jobs of three runs (`workflow/measured.csv`): the tiny preset, the default lecture, and one of "
        "simulators that are stepped one by one.",
        "",
        "| expected of each job of the default lecture | expected / measured, median | within a factor of 2 | all jobs together |",
        "|---|---:|---:|---:|",
        _row("from the tiny preset alone", blind),
        _row("from all other jobs of the three runs", without),
        "",
        "So a small run says little of a large one: in it nearly all is start. A config between or near the runs that "
        "were measured is told within a factor of 2 or so; the paper preset is up to twenty times the default lecture, and "
        "its hours are as good as the assumption that a step costs the same there. Time and memory that are asked of a "
        "cluster have room for that, and a job that lacks either is tried again with twice as much.",
    ]


def _ratios(costs: Costs, rows: Sequence) -> list[tuple[float, float]]:  # type: ignore[type-arg]
    """Expected and measured seconds of jobs."""
    known = [row for row in rows if row.rule in costs]
    return [(predicted(costs[row.rule]["seconds"], row.key, row.work), row.seconds) for row in known]


def _row(name: str, pairs: Sequence[tuple[float, float]]) -> str:
    ratios = [(START + ours) / (START + theirs) for ours, theirs in pairs]
    inside = sum(0.5 <= each <= 2 for each in ratios) / len(ratios)
    ours, theirs = (sum(each) for each in zip(*pairs, strict=True))
    return f"| {name} | {median(ratios):.2f} | {100 * inside:.0f} % | {ours:.0f} s expected, {theirs:.0f} s measured |"


if __name__ == "__main__":
    PAGE.write_text(page(graph(ROOT / "workflow/presets/paper.yaml", read_costs())), "utf-8")
