"""Natural directions by conjugate gradient and by a dense solve, and what they cost (E42, P16)."""

import pandas as pd

from pgpipe.lecture.natural_gradient.fisher_costs import FisherSpec, count_costs
from pgpipe.lecture.natural_gradient.fisher_solves import solve_all


def solve_fisher(spec: FisherSpec) -> dict[str, pd.DataFrame]:
    """The tables of the solves, and of their costs: counted, and timed beside."""
    counted, timed = count_costs(spec)
    return solve_all(spec) | {"fisher_costs": counted, "seconds": timed}
