"""Section 5, causality and baselines: what they leave unbiased, and what they do not (E18, E19, C9)."""

import numpy as np
import pandas as pd

from pgpipe.claims.unbiasedness import MARGIN, composed_of, largest_deviations, pooled_projection
from pgpipe.evidence import Check, Claim, verdict


def e18(gradient_components: pd.DataFrame, estimators: pd.DataFrame) -> list[Check]:
    """With the reward to go the mean is still the exact gradient."""
    names = composed_of(estimators, signal="reward_to_go", baseline="none")
    return largest_deviations(gradient_components, names)


def e19(gradient_components: pd.DataFrame, estimators: pd.DataFrame) -> list[Check]:
    """And with a mean of the other trajectories subtracted."""
    return largest_deviations(gradient_components, composed_of(estimators, baseline="mean"))


def c9(gradient_projection: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """The batch's own mean shrinks the expected gradient by exactly 1 - 1/N; leaving the own trajectory out
    restores it.
    """
    others_names = composed_of(estimators, signal="total_return", baseline="mean")
    own_names = composed_of(estimators, signal="total_return", baseline="batch_mean")
    own, others = (_projections(gradient_projection, names) for names in (own_names, others_names))
    ratio = (own / others).dropna()
    n = ratio.index.get_level_values("batch_size").to_numpy(float)
    quotient = ratio / (1 - 1 / n)
    restored = pooled_projection(gradient_projection, others_names)
    measured = len(quotient) > 0 and restored.n > 0
    exact = bool(np.allclose(quotient, 1, atol=1e-3))
    whole = restored.low > 1 - MARGIN and restored.high < 1 + MARGIN
    broken = restored.low > 1 + MARGIN or restored.high < 1 - MARGIN
    return Claim(
        measure="gradient with the own mean over that with the others' mean, over 1 - 1/N, mean and range; "
        f"the others' mean: ḡ·∇J/‖∇J‖² = {restored.estimate:.3f} [{restored.low:.3f}, {restored.high:.3f}]",
        estimate=float(quotient.mean()),
        low=float(quotient.min()),
        high=float(quotient.max()),
        n=len(quotient),
        criterion=f"every quotient 1 ± 0.001, and the others' mean within 1 ± {MARGIN:g}",
        verdict=verdict(measured and exact and whole, measured and (not exact or broken)),
        figure="P4",
    )


def _projections(table: pd.DataFrame, names: list[str]) -> pd.Series:
    """ḡ·∇J/‖∇J‖² of an estimator by environment, policy and batch size, where ∇J is exact."""
    rows = table[table["estimator"].isin(names[:1]) & (table["kind"] == "exact")]
    return rows.set_index(["environment", "policy", "batch_size"])["projection"]
