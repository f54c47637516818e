"""Train one block of a recipe's seeds side by side; keep their learning curves."""

import pandas as pd
import torch

from pgpipe.job import job
from pgpipe.training.loop import train

torch.set_num_threads(1)

with job(snakemake) as spec:
    curves = [
        pd.DataFrame(
            {
                "environment": spec["training"]["environment"]["name"],
                "recipe": spec["recipe"],
                "seed": spec["seeds"],
                "update": progress.update,
                "env_steps": progress.env_steps.numpy(),
                "mean_return": progress.mean_return.numpy(),
            }
        )
        for progress in train(spec["training"], spec["seeds"])
    ]
    pd.concat(curves).sort_values(["seed", "update"]).to_csv(snakemake.output.curves, index=False)
