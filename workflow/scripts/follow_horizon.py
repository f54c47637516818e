"""Second moments of the weights on the line by its length, and each form's error by it."""

import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.studies.off_policy_horizons import horizon_tables

torch.set_num_threads(1)

with job(snakemake) as spec:
    theta = load_file(snakemake.input.policies)[spec["policy"]]
    for name, table in horizon_tables(spec, theta).items():
        table.to_csv(snakemake.output[name], index=False)
