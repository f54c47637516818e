"""Scores of all learning rates, and how wide the ranges of good ones are."""

import pandas as pd

from pgpipe.job import job
from pgpipe.studies.learning_rate_ranges import summarise_learning_rates

with job(snakemake) as spec:
    columns = pd.concat(map(pd.read_csv, snakemake.input.columns))
    for name, table in summarise_learning_rates(spec, columns).items():
        table.to_csv(snakemake.output[name], index=False)
