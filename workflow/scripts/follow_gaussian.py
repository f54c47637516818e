"""A Gaussian policy along real rollouts: its log-probability and score by formula, and one episode."""

import pandas as pd
import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.studies.gaussian import check_formulas, rollout_rows

torch.set_num_threads(1)

with job(snakemake) as spec:
    environment, stage = spec["environment"], pd.read_csv(snakemake.input.stages)["policy"].iloc[-1]
    policy, theta = policy_for(environment), load_file(snakemake.input.policies)[stage]
    (sample,) = sample_batches(environment, theta, spec["seed"], ("gaussian", stage), 1, spec["episodes"])
    batch, theta = sample.split()[0].in_double(), theta.double()
    checks = check_formulas(policy, theta, batch.obs[batch.mask], batch.actions[batch.mask])
    keys = {"environment": environment["name"], "policy": stage}
    pd.DataFrame([keys | checks | {"steps": int(batch.mask.sum())}]).to_csv(
        snakemake.output.checks, index=False
    )
    rows = rollout_rows(policy, theta, batch, environment["id"]).assign(**keys)
    rows.set_index(list(keys)).to_csv(snakemake.output.rollouts)
