"""Vanilla, normalised and natural steps in one environment: learning curves, and KL of every update."""

import torch

from pgpipe.job import job
from pgpipe.studies.directions import compare_directions

torch.set_num_threads(1)

with job(snakemake) as spec:
    for name, table in compare_directions(spec).items():
        table.to_csv(snakemake.output[name], index=False)
