"""Error of the gradient of N trajectories, and the gain of a small step along it, at every stage."""

from functools import partial
from importlib import import_module
from itertools import product

import pandas as pd
import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.seeding import stream
from pgpipe.studies.convergence import convergence, sampled_gradients

torch.set_num_threads(1)

with job(snakemake) as spec:
    environment, rows = spec["environment"], []
    exact = partial(import_module(spec["module"]).exact, environment=environment)
    for (policy, theta), n in product(load_file(snakemake.input.policies).items(), spec["sizes"]):
        estimates = sampled_gradients(theta, spec, policy, n).numpy()
        rng = stream(spec["seed"], environment["name"], "convergence", policy, n)
        row = convergence(estimates, theta.numpy(), exact, spec["step"], spec["resamples"], rng)
        rows.append({"environment": environment["name"], "policy": policy, "n_trajectories": n} | row)
    pd.DataFrame(rows).to_csv(snakemake.output.table, index=False)
