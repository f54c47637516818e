"""Train with one batch size, and hold the gradients of such batches against the reference."""

import torch
from safetensors.torch import load_file

from pgpipe.job import job
from pgpipe.studies.batch_sizes import batch_cosines, batch_returns

torch.set_num_threads(1)

with job(snakemake) as spec:
    batch_returns(spec).to_csv(snakemake.output.returns, index=False)
    batch_cosines(spec, load_file(snakemake.input.stages)).to_csv(snakemake.output.cosines, index=False)
