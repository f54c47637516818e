"""Draw one figure from its tables; the one place that writes pictures."""

from importlib import import_module

import pandas as pd

from pgpipe.figures.style import house_style, write_picture
from pgpipe.job import job

with job(snakemake) as spec, house_style():
    tables = [pd.read_csv(path) for path in snakemake.input.tables]
    figure = import_module(spec["module"]).draw(*tables)
    write_picture(figure, snakemake.output.svg)
    write_picture(figure, snakemake.output.png)
