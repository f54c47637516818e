"""Seconds and memory of every job that ran: the one thing that is never the same twice."""

from pathlib import Path

import pandas as pd

from pgpipe.job import job
from pgpipe.report import render_costs

with job(snakemake) as spec:
    folder, rows = Path("results/timings"), []
    for path in sorted(folder.rglob("*.tsv")):
        rule, *wildcards = path.relative_to(folder).with_suffix("").parts
        measured = pd.read_csv(path, sep="\t").iloc[0]
        rows.append((rule, "/".join(wildcards), measured["s"], measured["cpu_time"], measured["max_rss"]))
    table = pd.DataFrame(rows, columns=["rule", "job", "seconds", "cpu_seconds", "max_memory_mb"])
    table.to_csv(snakemake.output.table, index=False)
    sources = {
        Path(p).name: Path(p).read_text(encoding="utf-8") for p in snakemake.input.code if "report/" in p
    }
    Path(snakemake.output.page).write_text(render_costs(table, sources), encoding="utf-8")
