"""Train with every batch used several times over, by one form of importance weights."""

import torch

from pgpipe.job import job
from pgpipe.studies.reuse import reuse_curves, reuse_summary

torch.set_num_threads(1)

with job(snakemake) as spec:
    curves = reuse_curves(spec)
    curves.to_csv(snakemake.output.curves, index=False)
    reuse_summary(spec, curves).to_csv(snakemake.output.summary, index=False)
