"""Natural directions by conjugate gradient and by a dense solve: what they are, and what they cost."""

import torch

from pgpipe.job import job
from pgpipe.studies.fisher_costs import count_costs
from pgpipe.studies.fisher_solves import solve_all

torch.set_num_threads(1)

with job(snakemake) as spec:
    tables = solve_all(spec)
    tables["fisher_costs"], tables["seconds"] = count_costs(spec)
    for name, table in tables.items():
        table.to_csv(snakemake.output[name], index=False)
