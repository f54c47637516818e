"""Both sides of E3 to E10 in one environment whose dynamics are written down."""

from importlib import import_module

import torch

from pgpipe.dynamics.density import TrajectoryDensity
from pgpipe.job import job
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.studies.identities import identities, study_parameters

torch.set_num_threads(1)

with job(snakemake) as spec:
    environment, seed, policy = spec["environment"], spec["seed"], policy_for(spec["environment"])
    density = TrajectoryDensity(policy, import_module(spec["dynamics"]).dynamics_of(environment))
    theta = study_parameters(policy, stream(seed, environment["name"], "identities"))
    exact = import_module(spec["module"]).exact(theta.numpy(), environment)
    (batches,) = sample_batches(environment, theta, seed, ("identities",), 1, spec["n"])
    table = identities(density, theta, batches.split()[0], environment["gamma"], exact)
    table.assign(environment=environment["name"]).set_index("environment").to_csv(snakemake.output.table)
