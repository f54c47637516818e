"""What jobs cost, from the timings that they leave: the one thing that is never the same twice."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup
from typing_extensions import TypedDict

from pgpipe.jobs.job import TIMINGS
from pgpipe.lecture.report.formats import html_table, templates_of
from pgpipe.lecture.report.material import read_texts
from pgpipe.lecture.report.page import style

COLUMNS = ["rule", "job", "seconds", "cpu_seconds", "max_memory_mb"]


class CostsSpec(TypedDict):
    """The paths of the page's template and style in the checkout."""

    texts: list[str]


def gather_timings(
    spec: CostsSpec, manifest: Mapping[str, Any], computations: Mapping[str, pd.DataFrame]
) -> dict[str, Any]:
    """Seconds and memory of every job behind the report, as a table and as a page."""
    jobs, single = read_timings(manifest["files"]), all_computations(computations.values())
    return {
        "table": all_timings(jobs, single),
        "page": render_costs(jobs, single, read_texts(spec["texts"])),
    }


def read_timings(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """One row for each job behind the manifest's records: rule, job, seconds, cpu_seconds, max_memory_mb.

    A job's log lies at `logs/<job>.log`, its timing at `results/timings/<job>.json`. One whose outputs came
    from a cache took no time here, and has neither.
    """
    rows = []
    for log in sorted({record["log"] for record in records}):
        job = log.removeprefix("logs/").removesuffix(".log")  # with_suffix would cut 0.1 to 0
        if not (timing := TIMINGS / f"{job}.json").is_file():
            continue
        measured = json.loads(timing.read_text("utf-8"))
        rule, *wildcards = job.split("/")
        rows.append((rule, "/".join(wildcards), *(measured[name] for name in COLUMNS[2:])))
    return pd.DataFrame(rows, columns=COLUMNS)


def all_computations(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Seconds and memory of single computations, which some jobs measure beside what they count.

    Columns computation, operations, megabytes_held (both counted), seconds, memory_mb (above what was there).
    """
    columns = ["computation", "operations", "megabytes_held", "seconds", "memory_mb"]
    return pd.concat(found) if (found := list(tables)) else pd.DataFrame(columns=columns)


def all_timings(jobs: pd.DataFrame, computations: pd.DataFrame) -> pd.DataFrame:
    """Rows of `timings.csv`: jobs first, then the single computations in some of them."""
    single = computations.rename(columns={"computation": "job", "memory_mb": "max_memory_mb"})
    rows = [jobs.assign(kind="job"), single.assign(kind="computation")]
    return pd.concat([part for part in rows if len(part)])[["kind", *jobs.columns]]


def render_costs(timings: pd.DataFrame, computations: pd.DataFrame, sources: Mapping[str, str]) -> str:
    """The page of what each job cost, and some computations in them, which no two runs share."""
    by_rule = timings.groupby("rule", sort=False)["seconds"].agg(["count", "sum"])
    return (
        templates_of(sources)
        .get_template("costs.html.j2")
        .render(
            style=Markup(style(sources, "", "")),
            total=timings["seconds"].sum(),
            rules=html_table(by_rule.sort_values("sum", ascending=False).round(1).reset_index()),
            jobs=html_table(timings.sort_values("seconds", ascending=False).round(1)),
            computations=html_table(computations) if len(computations) else "",
        )
    )
