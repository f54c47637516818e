"""Seconds and memory of every job behind the report: the one thing that is never the same twice."""

import json
from pathlib import Path

from pgpipe.costs import all_timings, read_computations, read_timings
from pgpipe.job import job
from pgpipe.report import render_costs

with job(snakemake) as spec:
    manifest = json.loads(Path(snakemake.input.manifest).read_text())
    jobs, single = read_timings(manifest["files"]), read_computations(snakemake.input.computations)
    all_timings(jobs, single).to_csv(snakemake.output.table, index=False)
    sources = {Path(p).name: Path(p).read_text() for p in snakemake.input.code if "workflow/report/" in p}
    Path(snakemake.output.page).write_text(render_costs(jobs, single, sources), encoding="utf-8")
