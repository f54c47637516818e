"""The probabilities and scores of two actions by state, at the last stage of training."""

import pandas as pd
import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.studies.two_actions import sweep

torch.set_num_threads(1)

with job(snakemake) as spec:
    environment, stage = spec["environment"], pd.read_csv(snakemake.input.stages)["policy"].iloc[-1]
    policy, theta = policy_for(environment), load_file(snakemake.input.policies)[stage]
    (batch,) = sample_batches(environment, theta, spec["seed"], ("two_actions", stage), 1, spec["episodes"])
    table = sweep(policy, theta, batch.obs[batch.mask], spec["points"], environment["id"])
    table.insert(0, "environment", environment["name"])
    table.insert(1, "policy", stage)
    table.to_csv(snakemake.output.table, index=False)
