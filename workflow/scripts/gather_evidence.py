"""All checks and all claims, each in one file, in lecture order."""

import json
from pathlib import Path

from pgpipe.job import job

with job(snakemake) as spec:
    sections = [json.loads(Path(path).read_text()) for path in snakemake.input.sections]
    for kind, path in zip(("checks", "claims"), snakemake.output[:2], strict=True):
        rows = [row for section in sections for row in section[kind]]
        Path(path).write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
