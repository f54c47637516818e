"""The exact variance of every estimator, where all trajectories of the environment can be listed."""

from safetensors.numpy import load_file

from pgpipe.job import job
from pgpipe.oracles.variances import variance_table

with job(snakemake) as spec:
    variance_table(spec, load_file(snakemake.input.policies)).to_csv(snakemake.output.table, index=False)
