"""One gradient estimate for each batch of the study's rollouts, by every estimator."""

import torch
from safetensors.torch import load_file, save_file

from pgpipe.job import job
from pgpipe.studies.estimates import estimate_batches
from pgpipe.trajectories import Trajectories

torch.set_num_threads(1)

with job(snakemake) as spec:
    rollouts, estimates = load_file(snakemake.input.rollouts), {}
    for policy, theta in sorted(load_file(snakemake.input.policies).items()):
        trajectories = Trajectories.from_tensors(rollouts, f"{policy}.")
        for n in spec["batch_sizes"]:
            batches = trajectories.first(n)
            for name, rows in estimate_batches(spec, theta, batches).items():
                estimates[f"{name}.{policy}.{n}"] = rows
    save_file(estimates, snakemake.output.estimates)
