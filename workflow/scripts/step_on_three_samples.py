"""Three samples, their returns in three versions, and the policy after one gradient step on each."""

import torch

from pgpipe.job import job
from pgpipe.studies.three_samples import ReturnCurve, three_tables

torch.set_num_threads(1)

with job(snakemake) as spec:
    curve = ReturnCurve(**spec["return_curve"])
    for name, table in three_tables(**{**spec, "return_curve": curve}).items():
        table.to_csv(snakemake.output[name], index=False)
