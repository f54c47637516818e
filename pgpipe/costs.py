"""What jobs cost, from the benchmark files that Snakemake writes beside them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd


def read_timings(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """One row for each job behind the manifest's records: rule, job, seconds, cpu_seconds, max_memory_mb.

    A job's log lies at `logs/<job>.log`, its benchmark at `results/timings/<job>.tsv`.
    """
    rows = []
    for log in sorted({record["log"] for record in records}):
        job = Path(log).relative_to("logs").with_suffix("")
        measured = pd.read_csv(Path("results/timings", job).with_suffix(".tsv"), sep="\t").iloc[0]
        rule, *wildcards = job.parts
        rows.append((rule, "/".join(wildcards), measured["s"], measured["cpu_time"], measured["max_rss"]))
    return pd.DataFrame(rows, columns=["rule", "job", "seconds", "cpu_seconds", "max_memory_mb"])
