"""What a config takes on so many cores, on paper: its jobs, as long as `costs.json` says, put on the cores.

`python -m workflow.scaling` writes docs/scaling.md; nothing is run but a dry run.
"""

import heapq
import os
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from workflow.costs import DEFAULT, Costs, Measured, expected, fit, predicted, read_costs, read_measured

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/scaling.md"
CORES = (1, 10, 100)

# Seconds that a job takes beside its computation: Snakemake starts its script.
START = 0.3


@dataclass(frozen=True)
class Node:
    """A job of the graph: rule and wildcards, the seconds it is expected to take, the jobs it waits for."""

    name: str
    seconds: float
    before: tuple[int, ...]


@dataclass(frozen=True)
class Trust:
    """How far expected times are from measured ones: middle ratio, share within a factor of 2, sums."""

    middle: float
    inside: float
    expected: float
    measured: float


def schedule(nodes: Sequence[Node], cores: int) -> float:
    """Seconds until all is done: a free core takes, of what is ready, the job that most work hangs on."""
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
    """For each job the seconds of the longest chain that it begins; jobs stand behind those they wait for."""
    longest = [node.seconds for node in nodes]
    for i in reversed(range(len(nodes))):
        for j in nodes[i].before:
            longest[j] = max(longest[j], nodes[j].seconds + longest[i])
    return longest


def critical_path(nodes: Sequence[Node]) -> list[Node]:
    """The longest chain of jobs that wait for each other: no number of cores makes a run shorter."""
    longest, after = longest_after(nodes), _after(nodes)
    last = {i: (longest[i], nodes[i].name) for i in range(len(nodes))}  # of equals the one whose name is last
    path = [max(last, key=last.__getitem__)]
    while after[path[-1]]:
        path.append(max(after[path[-1]], key=last.__getitem__))
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
    from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

    with (
        open(os.devnull, "w") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
        TemporaryDirectory() as folder,
        SnakemakeApi(OutputSettings(dryrun=True)) as api,
    ):
        workflow = api.workflow(
            ResourceSettings(cores=1), ConfigSettings(configfiles=[config]),
            snakefile=ROOT / "Snakefile", workdir=Path(folder),
        )  # fmt: skip
        workflow.dag().execute_workflow(executor="dryrun")
        dag = workflow._workflow.dag
        jobs = [job for level in dag.toposorted() for job in sorted(level, key=str)]
        before = [dag.dependencies[job] for job in jobs]
    places = {job: i for i, job in enumerate(jobs)}
    specs = [(job.rule.name, job.params.get("job", {}).get("spec", {})) for job in jobs]
    study = next((spec for rule, spec in specs if rule == "collect_rollouts"), None)
    took = [expected(costs, rule, spec, study) or (0.0, 0.0) for rule, spec in specs]
    return [
        Node(
            "/".join([job.rule.name, *map(str, job.wildcards)]),
            START + took[i][0],
            tuple(sorted(places[each] for each in before[i])),
        )
        for i, job in enumerate(jobs)
    ]


def page(nodes: Sequence[Node]) -> str:
    """docs/scaling.md."""
    from jinja2 import Environment

    path = critical_path(nodes)
    by_rule: dict[str, list[float]] = {}
    for node in nodes:
        by_rule.setdefault(node.name.partition("/")[0], []).append(node.seconds)
    rows = read_measured()
    source = Path(__file__).with_name("scaling.md.j2").read_text("utf-8")
    # Markdown: nothing in it is escaped for HTML
    template = Environment(keep_trailing_newline=True, autoescape=False).from_string(source)  # noqa: S701
    return template.render(
        nodes=nodes,
        total=sum(node.seconds for node in nodes),
        walls=[(cores, schedule(nodes, cores)) for cores in CORES],
        path=path,
        least=sum(node.seconds for node in path),
        longest=max(nodes, key=lambda node: node.seconds),
        dearest=sorted(by_rule.items(), key=lambda each: -sum(each[1]))[:10],
        measured=len(rows),
        trusts=[("from the tiny preset alone", blind(rows)), ("from all jobs but itself", left_out(rows))],
        time=_time,
    )


def blind(rows: Sequence[Measured]) -> Trust:
    """The default lecture's jobs, expected by those of the tiny preset."""
    costs = fit(row for row in rows if row.run == "tiny")
    default = [row for row in rows if row.run == DEFAULT and row.rule in costs]
    return _trust([(_seconds(costs, row), row.seconds) for row in default])


def left_out(rows: Sequence[Measured]) -> Trust:
    """The default lecture's jobs, each expected by all others of its rule."""
    pairs = []
    for row in rows:
        others = [each for each in rows if each.rule == row.rule and each is not row]
        if others and row.run == DEFAULT:
            pairs.append((_seconds(fit(others), row), row.seconds))
    return _trust(pairs)


def _seconds(costs: Costs, row: Measured) -> float:
    return predicted(costs[row.rule]["seconds"], row.key, row.work)


def _trust(pairs: Sequence[tuple[float, float]]) -> Trust:
    ratios = [(START + ours) / (START + theirs) for ours, theirs in pairs]
    inside = sum(0.5 <= each <= 2 for each in ratios) / len(ratios)
    return Trust(median(ratios), inside, sum(ours for ours, _ in pairs), sum(theirs for _, theirs in pairs))


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


if __name__ == "__main__":
    PAGE.write_text(page(graph(ROOT / "workflow/presets/paper.yaml", read_costs())), "utf-8")
