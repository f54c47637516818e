"""What all batch sizes say together: returns, directions, and the size that a usable direction takes."""

import pandas as pd

from pgpipe.job import job
from pgpipe.studies.batch_summary import summarise_batches

with job(snakemake) as spec:
    parts = (pd.concat(map(pd.read_csv, snakemake.input[name])) for name in ("returns", "cosines"))
    for name, table in summarise_batches(spec, *parts).items():
        table.to_csv(snakemake.output[name], index=False)
