"""Train seed 0 of an environment's reference recipe; keep the policies at which gradients are studied."""

import pandas as pd
import torch
from safetensors.torch import save_file

from pgpipe.job import job
from pgpipe.training.snapshots import take_snapshots, untrained

torch.set_num_threads(1)

with job(snakemake) as spec:
    snapshots = (take_snapshots if spec["recipe"] else untrained)(spec["training"])
    save_file({snapshot.policy: snapshot.theta for snapshot in snapshots}, snakemake.output.policies)
    environment = spec["training"]["environment"]["name"]
    rows = [
        (environment, s.policy, spec["recipe"], s.update, s.mean_return, s.diverged_at) for s in snapshots
    ]
    columns = ["environment", "policy", "recipe", "update", "mean_return", "diverged_at"]
    pd.DataFrame(rows, columns=columns).to_csv(snakemake.output.table, index=False)
