"""J and ∇J of every studied policy: exact where they are known, else from a large batch of its own."""

from importlib import import_module

import torch
from safetensors.torch import load_file, save_file

from pgpipe.job import job
from pgpipe.oracles.rollouts import sampled

torch.set_num_threads(1)

with job(snakemake) as spec:
    reference = {}
    for policy, theta in sorted(load_file(snakemake.input.policies).items()):
        if spec["module"]:
            J, gradient = import_module(spec["module"]).exact(theta.double().numpy(), spec["environment"])
            returns, gradients = torch.tensor([J], dtype=torch.float64), torch.from_numpy(gradient)[None]
        else:
            returns, gradients = sampled(theta, spec, policy)
        reference |= {f"{policy}.returns": returns.double(), f"{policy}.gradients": gradients.double()}
    save_file(reference, snakemake.output.reference)
