"""One gradient estimate for each batch of the study's rollouts, at every stage and batch size."""

import torch
from safetensors.torch import load_file, save_file

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate_each
from pgpipe.job import job
from pgpipe.rollout import policy_for
from pgpipe.trajectories import Trajectories

torch.set_num_threads(1)

with job(snakemake) as spec:
    policy = policy_for(spec["environment"])
    estimator = Estimator.from_spec(spec["estimator"], spec["environment"]["gamma"])
    rollouts, estimates = load_file(snakemake.input.rollouts), {}
    for stage, theta in sorted(load_file(snakemake.input.policies).items()):
        trajectories = Trajectories.from_tensors(rollouts, f"{stage}.")
        copies = theta.expand(len(trajectories.rewards), -1)
        for n in spec["batch_sizes"]:
            estimates[f"{stage}.{n}"] = estimate_each(policy, copies, trajectories.first(n), estimator)
    save_file(estimates, snakemake.output.estimates)
