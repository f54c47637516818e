"""The exact gradient over a grid of (k, σ), and the best parameters, for every spread of the start."""

import numpy as np

from pgpipe.job import job
from pgpipe.oracles.line_field import find_optimum, gradient_field

with job(snakemake) as spec:
    ks, sigmas = (np.linspace(*spec[axis], spec["points"]) for axis in ("k", "sigma"))
    gradient_field(spec["environment"], spec["start_stds"], ks, sigmas).to_csv(
        snakemake.output.field, index=False
    )
    optimum = find_optimum(spec["environment"], spec["start_stds"])
    optimum.to_csv(snakemake.output.optimum, index=False)
