"""One row for each estimator, environment and stage: what an estimator is worth and what it costs."""

import pandas as pd

from pgpipe.job import job
from pgpipe.studies.certificate import certify

with job(snakemake):
    tables = (pd.read_csv(snakemake.input[name]) for name in ("quality", "variances", "costs"))
    certify(*tables).to_csv(snakemake.output.table, index=False)
