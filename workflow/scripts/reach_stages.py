"""Policies of many seeds that have come equally far, and the gradient at each of them."""

import torch
from safetensors.torch import load_file, save_file

from pgpipe.job import job
from pgpipe.studies.batch_sizes import reach_stages

torch.set_num_threads(1)

with job(snakemake) as spec:
    trained = load_file(snakemake.input.policies)["trained"]
    save_file(reach_stages(spec, trained), snakemake.output.stages)
