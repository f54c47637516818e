"""One gradient step from each batch, by three weightings, and what it did to the batch's trajectories."""

import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.studies.steps import measure_steps

torch.set_num_threads(1)

with job(snakemake) as spec:
    theta = load_file(snakemake.input.policies)[spec["policy"]]
    keys = {"environment": spec["environment"]["name"], "policy": spec["policy"]}
    for name, table in measure_steps(theta, spec).items():
        table.assign(**keys).set_index(list(keys)).to_csv(snakemake.output[name])
