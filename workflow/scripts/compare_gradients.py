"""Hold every estimator of one environment against the reference, and against the plain total return."""

import pandas as pd
from safetensors.numpy import load_file

from pgpipe.job import job
from pgpipe.studies.gradients import study_tables

with job(snakemake) as spec:
    estimates = load_file(snakemake.input.estimates)
    policies = pd.read_csv(snakemake.input.policies)["policy"]
    tables = study_tables(spec, list(policies), estimates, load_file(snakemake.input.reference))
    for name, table in tables.items():
        table.to_csv(snakemake.output[name], index=False)
