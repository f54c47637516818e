"""Section 2, direct differentiation: the sample form of E11 against the exact gradient (E11, C4)."""

import pandas as pd

from pgpipe.claims.unbiasedness import composed_of, largest_deviations, pooled_projection, unbiased_claim
from pgpipe.evidence import Check, Claim


def e11(gradient_components: pd.DataFrame, estimators: pd.DataFrame) -> list[Check]:
    """The mean of E11 over all batches is the exact gradient, component by component."""
    names = composed_of(estimators, signal="total_return", baseline="none")
    return largest_deviations(gradient_components, names)


def c4(
    gradient_components: pd.DataFrame, gradient_projection: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """E11 is unbiased."""
    names = composed_of(estimators, signal="total_return", baseline="none")
    deviations = largest_deviations(gradient_components, names)
    return unbiased_claim(deviations, pooled_projection(gradient_projection, names))
