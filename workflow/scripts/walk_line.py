"""Walks of the line's own policy: where they are, and both sides of E38, E39 and E40."""

import torch

from pgpipe.job import job
from pgpipe.studies.line_walks import walk

torch.set_num_threads(1)

with job(snakemake) as spec:
    for name, table in walk(spec).items():
        table.to_csv(snakemake.output[name], index=False)
