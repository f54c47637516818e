"""The line without a rollout: flows, the exact optimum, how J is bent, updates to the optimum."""

import pandas as pd
from typing_extensions import TypedDict

from pgpipe.envs.spec import LinearEnvironmentSpec
from pgpipe.lecture.line.flows import follow_flows
from pgpipe.lecture.line.number_line import number_line
from pgpipe.lecture.line.optimum import best_parameters
from pgpipe.lecture.line.shape import conditions, derivatives
from pgpipe.lecture.line.speed import updates_needed


class LineSpec(TypedDict):
    """Spreads of the start for the flows and for the shape of J, and (k, σ) where flows start."""

    environment: LinearEnvironmentSpec
    start_stds: list[float]
    shape_start_stds: list[float]
    updates: int
    starts: list[list[float]]


def study_line(spec: LineSpec) -> dict[str, pd.DataFrame]:
    """All tables of the line that are exact."""
    line, spreads = spec["environment"], spec["shape_start_stds"]
    starts = [(k, sigma) for k, sigma in spec["starts"]]
    return {
        **follow_flows(line, spec["start_stds"], starts),
        "line_optima": best_parameters([line["gamma"], 1.0]),
        "line_derivatives": derivatives(line, spreads),
        "line_conditions": conditions(line, spreads),
        "line_updates": updates_needed(line, spreads, spec["updates"], starts[0]),
        "number_line": number_line(line),
    }
