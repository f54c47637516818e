"""Draw one figure from its tables, and say its numbers; the one place that writes pictures."""

from importlib import import_module
from pathlib import Path

import pandas as pd

from pgpipe.figures.style import house_style, write_picture
from pgpipe.job import job

with job(snakemake) as spec, house_style():
    tables = [pd.read_csv(path) for path in snakemake.input.tables]
    module = import_module(spec["module"])
    figure = module.draw(*tables)
    write_picture(figure, snakemake.output.svg)
    write_picture(figure, snakemake.output.png)
    numbers = module.numbers(*tables) if hasattr(module, "numbers") else ""
    Path(snakemake.output.numbers).write_text(numbers, encoding="utf-8")
