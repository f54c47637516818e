"""Train one block of a recipe's seeds side by side; keep their learning curves."""

import torch

from pgpipe.job import announce, job
from pgpipe.training.checkpoints import Checkpoint, digests
from pgpipe.training.curves import learning_curves

torch.set_num_threads(1)

with job(snakemake) as spec:
    checkpoint = Checkpoint(spec, digests(snakemake.input.code))
    learning_curves(spec, checkpoint, announce).to_csv(snakemake.output.curves, index=False)
    checkpoint.clear()
