"""Sample the rollouts that every estimator of the study shares, at every stage of training."""

import torch
from safetensors.torch import load_file, save_file

from pgpipe.job import job
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories

torch.set_num_threads(1)

with job(snakemake) as spec:
    rollouts = {}
    for policy, theta in sorted(load_file(snakemake.input.policies).items()):
        words = ("study", policy)
        batches = sample_batches(
            spec["environment"], theta, spec["seed"], words, spec["replicates"], spec["n"]
        )
        rollouts |= Trajectories.concatenate(list(batches)).tensors(f"{policy}.")
    save_file(rollouts, snakemake.output.rollouts)
