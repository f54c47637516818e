"""All checks and all claims, each in one file, in lecture order."""

import json
from pathlib import Path

from pgpipe.evidence import json_rows, lecture_order
from pgpipe.job import job

with job(snakemake) as spec:
    sections = [json.loads(Path(path).read_text()) for path in snakemake.input.sections]
    for kind in ("checks", "claims"):
        rows = sorted((row for section in sections for row in section[kind]), key=lecture_order)
        Path(snakemake.output[kind]).write_text(json_rows(rows))
