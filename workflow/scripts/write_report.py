"""Write the report: one file that needs no network."""

import json
from pathlib import Path

import pandas as pd

from pgpipe.job import job
from pgpipe.report import Material, render_report

with job(snakemake) as spec:
    sources = [Path(path) for path in snakemake.input.code if "workflow/report/" in path]
    material = Material(
        sources={path.name: path.read_text(encoding="utf-8") for path in sources},
        pictures={Path(path).stem: Path(path).read_bytes() for path in snakemake.input.figures},
        numbers={Path(path).stem: Path(path).read_text("utf-8") for path in snakemake.input.numbers},
        tables={Path(path).stem: pd.read_csv(path) for path in snakemake.input.tables},
        checks=json.loads(Path(snakemake.input.checks).read_text()),
        claims=json.loads(Path(snakemake.input.claims).read_text()),
        config=spec["config"],
    )
    Path(snakemake.output.report).write_text(render_report(material), encoding="utf-8")
