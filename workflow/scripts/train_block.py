"""Train one block of a recipe's seeds side by side; keep their learning curves."""

import torch

from pgpipe.job import job
from pgpipe.training.curves import learning_curves

torch.set_num_threads(1)

with job(snakemake) as spec:
    learning_curves(spec).to_csv(snakemake.output.curves, index=False)
