"""Error of the mean return of N trajectories against the exact J, at every stage of training."""

import pandas as pd
import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.studies.objective import objective_error

torch.set_num_threads(1)

with job(snakemake) as spec:
    environment, seed, n = spec["environment"], spec["seed"], sum(spec["sizes"])
    reference, tables = load_file(snakemake.input.reference), []
    for policy, theta in load_file(snakemake.input.policies).items():
        batches = sample_batches(environment, theta, seed, ("objective", policy), spec["replicates"], n)
        returns = torch.cat([b.discounted_returns(environment["gamma"]) for b in batches]).double()
        exact = float(reference[f"{policy}.returns"].mean())
        rng = stream(seed, environment["name"], "objective", policy)
        table = objective_error(returns.numpy(), exact, spec["sizes"], spec["resamples"], rng)
        tables.append(table.assign(environment=environment["name"], policy=policy))
    pd.concat(tables).set_index(["environment", "policy"]).to_csv(snakemake.output.table)
