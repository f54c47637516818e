"""Gradients from the same rollouts under every constant added to the return: variance and direction."""

import torch

from pgpipe.job import job
from pgpipe.studies.return_shift import return_shift_tables

torch.set_num_threads(1)

with job(snakemake) as spec:
    for name, table in return_shift_tables(spec).items():
        table.to_csv(snakemake.output[name], index=False)
