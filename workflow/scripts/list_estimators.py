"""The estimators in the config's order, and what each is composed of."""

import pandas as pd

from pgpipe.job import job

with job(snakemake) as spec:
    table = pd.DataFrame.from_dict(spec["estimators"], orient="index").rename_axis("estimator")
    table.to_csv(snakemake.output.table)
