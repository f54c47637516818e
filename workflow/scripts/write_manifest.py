"""Gather the records of everything that the report was made from."""

import json
import platform
from pathlib import Path

from pgpipe.job import job
from pgpipe.provenance import gather_records, versions

with job(snakemake) as spec:
    machine = {"platform": platform.platform(), "cpu": platform.processor() or platform.machine()}
    python = {"python": platform.python_version()}
    made = {"versions": python | versions(), "threads": 1, **machine, "config": spec["config"]}
    manifest = {"made": made, "files": gather_records([snakemake.input.report, *snakemake.input.pictures])}
    Path(snakemake.output.manifest).write_text(json.dumps(manifest, indent=1) + "\n")
