"""All learning curves in one table, and what the seeds of each recipe say together."""

import pandas as pd

from pgpipe.job import job
from pgpipe.studies.learning import compare_recipes, summarise_learning
from pgpipe.studies.performance import performance

with job(snakemake) as spec:
    curves = pd.concat([pd.read_csv(path) for path in snakemake.input.curves])
    curves.to_csv(snakemake.output.curves, index=False)
    summary = summarise_learning(curves, spec["estimators"], spec["resamples"], spec["seed"])
    summary.to_csv(snakemake.output.summary, index=False)
    improvement = compare_recipes(curves, spec["resamples"], spec["seed"])
    improvement.to_csv(snakemake.output.improvement, index=False)
    tables = performance(curves, spec["estimators"], spec["resamples"], spec["seed"])
    for name, table in tables.items():
        table.to_csv(snakemake.output[name], index=False)
