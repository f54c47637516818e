"""Train with one learning rate, by every optimiser, by REINFORCE and by imitation of a trained policy."""

import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.studies.learning_rates import learning_rate_column

torch.set_num_threads(1)

with job(snakemake) as spec:
    teacher = load_file(snakemake.input.policies)["trained"]
    learning_rate_column(spec, teacher).to_csv(snakemake.output.column, index=False)
