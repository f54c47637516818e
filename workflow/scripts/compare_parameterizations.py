"""Steps of one policy by σ, log σ and σ²: their size, and how far apart they end."""

import torch

from pgpipe.job import job
from pgpipe.studies.invariance import compare_parameterizations

torch.set_num_threads(1)

with job(snakemake) as spec:
    for name, table in compare_parameterizations(spec).items():
        table.to_csv(snakemake.output[name], index=False)
