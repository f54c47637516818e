"""What the reward to go averages to, beside the exact Q(s, a) (E17, C31)."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pandas as pd
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.lecture.variance_reduction.causality import visited
from pgpipe.trajectories import Trajectories

NUMBERS = ["state", "action", "visits", "exact", "mean", "standard_error", "q10", "q90"]


class ActionValuesSpec(TypedDict):
    """An environment whose exact Q the `module` knows."""

    environment: EnvironmentSpec
    module: str


def measure_action_values(
    spec: ActionValuesSpec, policies: Mapping[str, Tensor], rollouts: dict[str, Tensor]
) -> pd.DataFrame:
    """Rows of `action_values.csv` for every policy theta (P,), from its rollouts (R, N, T)."""
    oracle, environment = import_module(spec["module"]), spec["environment"]
    rows = []
    for policy, theta in sorted(policies.items()):
        place = {"environment": environment["name"], "policy": policy}
        Q = oracle.exact_action_values(theta.numpy(), environment)
        batch = Trajectories.from_tensors(rollouts, f"{policy}.").joined()
        rows += [place | row for row in action_value_rows(Q, batch, environment["gamma"])]
    return pd.DataFrame(rows, columns=["environment", "policy", *NUMBERS])


def action_value_rows(Q: NDArray[Any], batch: Trajectories, gamma: float) -> list[dict[str, Any]]:
    """One row for each state and action that two trajectories visit.  Q (T, S, A).

    Q changes with the steps that are left, so its mean over the visits stands beside that of Q̂. Visits of one
    trajectory share its rewards: the standard error is that of the trajectories' sums.
    """
    rows = []
    for pair, visits in visited(Q, batch, gamma).groupby("state_action"):
        off = (visits["to_go"] - visits["exact"]).groupby(visits["trajectory"]).sum()
        if len(off) > 1:
            means = visits["exact"].mean(), visits["to_go"].mean()
            error = float((off**2).sum() ** 0.5 / len(visits))
            ends = visits["to_go"].quantile([0.1, 0.9])
            numbers = (*divmod(int(str(pair)), Q.shape[2]), len(visits), *means, error, *ends)
            rows.append(dict(zip(NUMBERS, numbers, strict=True)))
    return rows
