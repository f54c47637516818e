"""What an action cannot change, in one environment whose exact gradient is known, at every stage."""

import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.studies.causality_tables import causality_tables

torch.set_num_threads(1)

with job(snakemake) as spec:
    policies, rollouts = (load_file(snakemake.input[name]) for name in ("policies", "rollouts"))
    tables = causality_tables(spec, policies, rollouts)
    for name, table in tables.items():
        table.to_csv(snakemake.output[name], index=False)
