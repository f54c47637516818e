"""What a step costs, measured: seconds and megabytes of a job by how much it computes (`workflow/sizes.py`).

For each rule a line: so much in any case, and so much for each step, which differs by environment and policy.

    python -m workflow.costs RUN …   # what the jobs of these runs took, as measured.csv and costs.json
"""

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any

from workflow.sizes import Spec, key_of, sizes

FOLDER = Path(__file__).resolve().parent
DEFAULT = "default"  # the run in the folder itself: of the default lecture
MEASURED, COSTS = FOLDER / "measured.csv", FOLDER / "costs.json"

# What a job takes that computes nothing: the libraries lie in memory already (`workflow/fork_server.py`).
IDLE_SECONDS, IDLE_MEGABYTES = 0.1, 330.0

Law = Mapping[str, Any]  # {"fixed": …, "per_unit": {key: …}}
Costs = Mapping[str, Mapping[str, Law]]  # by rule: "seconds" and "megabytes"


@dataclass(frozen=True)
class Measured:
    """What one job took: processor time, since other programs do not change it, and the most memory."""

    run: str
    rule: str
    key: str
    work: float
    held: float
    seconds: float
    megabytes: float


def predicted(law: Law, key: str, size: float) -> float:
    """What a job of this size takes.

    A step of an unknown policy costs what the dearest of its environment does, a step in an unknown
    environment what the dearest of all does.
    """
    slopes: Mapping[str, float] = law["per_unit"]
    alike = [each for name, each in slopes.items() if name.split()[:1] == key.split()[:1]]
    slope = slopes.get(key, max(alike or slopes.values(), default=0.0))
    return law["fixed"] + slope * size


def expected(costs: Costs, rule: str, spec: Spec, study: Spec | None = None) -> tuple[float, float] | None:
    """Seconds and megabytes of a job; none if its rule was never measured."""
    if rule not in costs:
        return None
    work, held = sizes(rule, spec, study)
    laws = costs[rule]
    key = key_of(spec)
    return predicted(laws["seconds"], key, work), predicted(laws["megabytes"], key, held)


def fit(rows: Iterable[Measured]) -> dict[str, dict[str, Law]]:
    """The line of each rule that is nearest, in relation to what was measured; no cost is negative.

    A job that computes nothing counts as one more that was measured: where all jobs of a rule were about as
    large, the line would else be any. Memory is told by the size alone: in small jobs what an environment
    takes by itself would count as that of its steps.
    """
    by_rule: dict[str, list[Measured]] = {}
    for row in rows:
        by_rule.setdefault(row.rule, []).append(row)
    return {
        rule: {
            "seconds": _line([("", 0.0, IDLE_SECONDS), *((row.key, row.work, row.seconds) for row in group)]),
            "megabytes": _line(
                [("", 0.0, IDLE_MEGABYTES), *(("", row.held, row.megabytes) for row in group)]
            ),
        }
        for rule, group in sorted(by_rule.items())
    }


def _line(points: Sequence[tuple[str, float, float]]) -> Law:
    import numpy as np
    from scipy.optimize import nnls

    keys = sorted({key for key, size, _ in points if size})
    if not keys:
        return {"fixed": round(max(cost for _, _, cost in points), 3), "per_unit": {}}
    scale = max(size for _, size, _ in points)
    costs = np.array([max(cost, 0.05) for _, _, cost in points])
    design = np.array([[1.0, *(size / scale * (key == each) for each in keys)] for key, size, _ in points])
    solution, _ = nnls(design / costs[:, None], np.ones(len(points)))
    slopes = {key: float(f"{slope / scale:.4g}") for key, slope in zip(keys, solution[1:], strict=True)}
    return {"fixed": round(float(solution[0]), 3), "per_unit": slopes}


def read_run(run: Path) -> list[Measured]:
    """What the jobs of the run in this folder took."""
    records = [
        json.loads(path.read_text("utf-8"))["job"]
        for path in sorted((run / "results/provenance").rglob("*.json"))
    ]
    jobs = {job["log"]: job for job in records}
    study = next((job["spec"] for job in jobs.values() if job["rule"] == "collect_rollouts"), None)
    rows = []
    for log, job in sorted(jobs.items()):
        timing = run / "results/timings" / f"{log.removeprefix('logs/').removesuffix('.log')}.json"
        if not timing.is_file():
            continue  # from a cache
        took = json.loads(timing.read_text("utf-8"))
        work, held = sizes(job["rule"], job["spec"], study)
        cost = took["cpu_seconds"], took["max_memory_mb"]
        rows.append(Measured(run.name or DEFAULT, job["rule"], key_of(job["spec"]), work, held, *cost))
    return rows


def read_measured(path: Path = MEASURED) -> list[Measured]:
    """The rows that are shipped."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Measured(run, rule, key, *map(float, numbers))
            for run, rule, key, *numbers in islice(csv.reader(file), 1, None)
        ]


def read_costs(path: Path = COSTS) -> Costs:
    """The lines that are shipped."""
    return json.loads(path.read_text("utf-8"))


def ship(runs: Sequence[str]) -> None:
    """Write what the jobs of these runs took, and the lines through it."""
    rows = [row for run in runs for row in read_run(Path(run))]
    with MEASURED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Measured)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    COSTS.write_text(json.dumps(fit(rows), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    ship(sys.argv[1:])
