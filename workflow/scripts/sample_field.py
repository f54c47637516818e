"""The field over (k, σ) as one batch at each point tells it, for every spread of the start."""

import numpy as np
import torch

from pgpipe.job import job
from pgpipe.studies.sampled_field import sampled_field

torch.set_num_threads(1)

with job(snakemake) as spec:
    ks, sigmas = (np.linspace(*spec[axis], spec["points"]) for axis in ("k", "sigma"))
    sampled_field(spec, ks, sigmas).to_csv(snakemake.output.table, index=False)
