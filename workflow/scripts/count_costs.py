"""What the gradient costs in three ways at one number of parameters: counted, and timed beside."""

import torch

from pgpipe.job import job
from pgpipe.studies.gradient_costs import gradient_costs

torch.set_num_threads(1)

with job(snakemake) as spec:
    counted, timed = gradient_costs(spec)
    counted.to_csv(snakemake.output.table, index=False)
    timed.to_csv(snakemake.output.seconds, index=False)
