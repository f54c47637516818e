"""Both sides of E35 to E37 in one environment, in the middle of its training, where ∇J is not zero."""

import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.studies.implementation import implementation_identities

torch.set_num_threads(1)

with job(snakemake) as spec:
    policies = load_file(snakemake.input.policies)
    theta = policies.get("half_trained", policies["untrained"])
    implementation_identities(spec, theta).to_csv(snakemake.output.table, index=False)
