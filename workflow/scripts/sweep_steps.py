"""What every step size of the recipes of one environment comes to."""

import torch

from pgpipe.job import job
from pgpipe.studies.step_sizes import sweep_steps

torch.set_num_threads(1)

with job(snakemake) as spec:
    for name, table in sweep_steps(spec).items():
        table.to_csv(snakemake.output[name], index=False)
