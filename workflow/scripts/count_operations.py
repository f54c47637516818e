"""Operations of every estimator on one batch of each environment of the study."""

import pandas as pd
import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.studies.operations import count_operations

torch.set_num_threads(1)

with job(snakemake) as spec:
    tables = [
        count_operations(part, load_file(path)["untrained"], spec["seed"], spec["n"])
        for part, path in zip(spec["parts"], snakemake.input.policies, strict=True)
    ]
    pd.concat(tables).to_csv(snakemake.output.table, index=False)
