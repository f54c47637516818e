"""One table of all environments."""

import pandas as pd

from pgpipe.job import job

with job(snakemake) as spec:
    parts = [pd.read_csv(path, keep_default_na=False, dtype=str) for path in snakemake.input.parts]
    pd.concat(parts).to_csv(snakemake.output.table, index=False)
