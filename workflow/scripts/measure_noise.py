"""Signal and noise of the policy gradient and of the supervised one, at matched stages."""

import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.studies.noise import gradient_noise

torch.set_num_threads(1)

with job(snakemake) as spec:
    teacher = load_file(snakemake.input.policies)["trained"]
    gradient_noise(spec, teacher).to_csv(snakemake.output.table, index=False)
