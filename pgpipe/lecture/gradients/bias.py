"""Whether the mean estimate is ∇J: along it, against a reference that is exact or sampled itself (P4)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reference:
    """∇J: exact, (1, P), or sampled, one estimate for each of a number of batches, (B, P)."""

    gradients: Floats

    @property
    def exact(self) -> bool:
        """Whether the reference carries no error of its own."""
        return len(self.gradients) == 1

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "exact" if self.exact else "large batch"

    @property
    def mean(self) -> Floats:
        """∇J, (P,)."""
        return self.gradients.mean(0)

    @property
    def error(self) -> float:
        """E‖reference - ∇J‖², zero where the reference is exact."""
        return 0.0 if self.exact else float(self.gradients.var(0, ddof=1).sum() / len(self.gradients))

    @property
    def norm(self) -> float:
        """‖∇J‖; where `error` is as large as its square, the reference is noise and so is its direction."""
        return float(np.linalg.norm(self.mean))


def along_gradient(estimates: Floats, reference: Reference) -> tuple[Floats, Floats]:
    """Components along ∇J of the estimates and of the reference.  estimates (R, P) -> (R,), (B,).

    A sampled reference is split: one half gives the direction, the other is compared with. A direction made
    of the same noise as the difference would show a bias that is none.
    """
    if reference.exact:
        along, target = reference.gradients[0], reference.gradients
    else:
        half = len(reference.gradients) // 2
        along, target = reference.gradients[:half].mean(0), reference.gradients[half:]
    return estimates @ along, target @ along


def bias_z(estimates: Floats, reference: Reference) -> float:
    """z-score of (ḡ - ∇J) along ∇J.  estimates (R, P)."""
    ours, theirs = along_gradient(estimates, reference)
    variance = ours.var(ddof=1) / len(ours)
    if not reference.exact:
        variance += theirs.var(ddof=1) / len(theirs)
    return float((ours.mean() - theirs.mean()) / variance**0.5) if variance > 0 else np.nan


def projection(estimates: Floats, reference: Reference) -> dict[str, float]:
    """A row of `gradient_projection.csv`: ĝ·∇J/‖∇J‖², on average one if ĝ is unbiased.  estimates (R, P)."""
    square = reference.norm**2
    onto = estimates @ reference.mean / square if square else np.full(len(estimates), np.nan)
    found, error = recovered(estimates, reference)
    return {
        "projection": onto.mean(),
        "standard_error": onto.std(ddof=1) / len(onto) ** 0.5,
        "recovered": found,
        "recovered_error": error,
    }


def recovered(estimates: Floats, reference: Reference) -> tuple[float, float]:
    """(ḡ over ∇J along ∇J, its standard error with that of a sampled reference).  estimates (R, P).

    Of a ratio x/y the squared error is (Var x + (x/y)² Var y)/y².
    """
    ours, theirs = along_gradient(estimates, reference)
    target = theirs.mean()
    if not target:
        return np.nan, np.nan
    ratio, variance = ours.mean() / target, ours.var(ddof=1) / len(ours)
    if not reference.exact:
        variance += ratio**2 * theirs.var(ddof=1) / len(theirs)
    return float(ratio), float(variance**0.5 / abs(target))
