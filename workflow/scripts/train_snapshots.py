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
    rows = [(s.policy, spec["recipe"], s.update, s.mean_return) for s in snapshots]
    table = pd.DataFrame(rows, columns=["policy", "recipe", "update", "mean_return"])
    table.insert(0, "environment", spec["training"]["environment"]["name"])
    table.to_csv(snakemake.output.table, index=False)
