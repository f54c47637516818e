"""The line without a rollout: flows, the exact optimum, how J is bent, updates to the optimum."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pgpipe.studies.flows import follow_flows
from pgpipe.studies.line_optimum import best_parameters
from pgpipe.studies.line_shape import conditions, derivatives
from pgpipe.studies.line_speed import updates_needed
from pgpipe.studies.number_line import number_line


def study_line(spec: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """All tables of the line that are exact."""
    line, spreads, start = spec["environment"], spec["shape_start_stds"], spec["starts"][0]
    return {
        **follow_flows(line, spec["start_stds"], spec["starts"]),
        "line_optima": best_parameters([line["gamma"], 1.0]),
        "line_derivatives": derivatives(line, spreads),
        "line_conditions": conditions(line, spreads),
        "line_updates": updates_needed(line, spreads, spec["updates"], start),
        "number_line": number_line(line),
    }
