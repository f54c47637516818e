"""Weights and gradients at policies near and far, from the rollouts of one, in one environment."""

import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.studies.off_policy_tables import off_policy_tables

torch.set_num_threads(1)

with job(snakemake) as spec:
    theta = load_file(snakemake.input.policies)[spec["policy"]]
    for name, table in off_policy_tables(spec, theta).items():
        table.to_csv(snakemake.output[name], index=False)
