"""Check the equations and test the claims of one lecture section."""

import json
from importlib import import_module
from pathlib import Path

import pandas as pd

from pgpipe.evidence import evaluate
from pgpipe.job import job

with job(snakemake) as spec:
    tables = {Path(path).stem: pd.read_csv(path) for path in snakemake.input.tables}
    found = evaluate(import_module(spec["module"]), tables)
    Path(snakemake.output.evidence).write_text(json.dumps(found, indent=1))
