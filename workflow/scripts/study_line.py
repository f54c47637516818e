"""The line without a rollout: flows, the exact optimum, how J is bent, and updates to the optimum."""

from pgpipe.job import job
from pgpipe.studies.flows import follow_flows
from pgpipe.studies.line_optimum import best_parameters
from pgpipe.studies.line_shape import conditions, derivatives
from pgpipe.studies.line_speed import updates_needed
from pgpipe.studies.number_line import number_line

with job(snakemake) as spec:
    line, spreads, start = spec["environment"], spec["shape_start_stds"], spec["starts"][0]
    tables = follow_flows(line, spec["start_stds"], spec["starts"])
    tables["line_optima"] = best_parameters([line["gamma"], 1.0])
    tables["line_derivatives"] = derivatives(line, spreads)
    tables["line_conditions"] = conditions(line, spreads)
    tables["line_updates"] = updates_needed(line, spreads, spec["updates"], start)
    tables["number_line"] = number_line(line)
    for name, table in tables.items():
        table.to_csv(snakemake.output[name], index=False)
