"""Both sides of E46: the divisors written out, and what the sums are on average."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.lecture.after_the_lecture.angles import standard_errors
from pgpipe.lecture.common.identity_rows import Row, exact_row, identity_row
from pgpipe.oracles import two_decisions
from pgpipe.oracles.batches import all_batches, expected
from pgpipe.oracles.divisors import expected_gradient
from pgpipe.oracles.outcomes import Outcomes
from pgpipe.trajectories import Trajectories

WORDS = {
    "trajectories": "the number of trajectories",
    "steps": "the number of steps",
    "each": "each trajectory's own steps",
    "constant": "the most steps",
}
Lines = Mapping[str, PlainEstimatorSpec]  # by baseline
FEW = 2  # trajectories of the batches that are all listed


def divisor_identities(
    batch: Trajectories, listed: Outcomes, longest: int, lines: Mapping[str, Lines]
) -> pd.DataFrame:  # fmt: skip
    """The package's weights on a batch by hand, and E ĝ by all batches of a few."""
    rows: list[Row] = []
    for divisor, own in lines.items():
        found = composed(own["none"], longest).weighted_advantages(batch)
        rows.append(
            exact_row(
                "E46",
                f"losses over {WORDS[divisor]}, by hand",
                found,
                by_hand(batch, divisor, longest),
                found,
            )
        )
        for baseline in ("none", "mean"):
            ours = expected_gradient(listed, divisor, "mean" if baseline == "mean" else "none", FEW, longest)
            theirs = over_all_batches(listed, composed(own[baseline], longest))
            size = np.abs(theirs).max()
            what = f"E ĝ over {WORDS[divisor]}, baseline {baseline}, by all batches of {FEW}"
            off = np.abs(ours - theirs).max()
            rows.append(identity_row("E46", what, "exact", off, 0.0, size, len(listed.probabilities)))
    return pd.DataFrame(rows)


def composed(line: PlainEstimatorSpec, longest: int) -> Estimator:
    """The estimator of a line; what divides by a constant takes the problem's longest trajectory."""
    constant = line.get("aggregate") == "constant"
    return Estimator.from_spec({**line, "longest": longest} if constant else line, 1.0)  # type: ignore[typeddict-unknown-key]


def angles_row(directions: pd.DataFrame, looks: int) -> pd.DataFrame:
    """The measured angle farthest from the exact one, in standard errors."""
    z = standard_errors(directions, "degrees", "exact_degrees", "degrees_low", "degrees_high", looks)
    what = "angle from ∇J of the mean over batches, and the exact one, in standard errors"
    n = int(directions["replicates"].min())
    return pd.DataFrame([identity_row("E46", what, "mean", z.max(), 0, 1, n, len(z))])


def by_hand(batch: Trajectories, divisor: str, longest: int) -> torch.Tensor:
    """N times what stands before each step's score, from lists of rewards and lengths.  -> (N, T)."""
    lengths, returns = batch.lengths.tolist(), batch.returns.tolist()
    N, T = batch.mask.shape
    weights = torch.zeros(N, T, dtype=torch.float64)
    for i, (own, r) in enumerate(zip(lengths, returns, strict=True)):
        over = {"trajectories": N, "steps": sum(lengths), "each": N * own, "constant": N * longest}[divisor]
        for t in range(own):
            weights[i, t] = N * r / over
    return weights


def over_all_batches(listed: Outcomes, estimator: Estimator) -> two_decisions.Floats:
    """E ĝ over every batch of a few.  Total returns weigh all of a trajectory's steps alike."""
    nothing = torch.zeros(listed.mask.shape, dtype=torch.int64)
    batches, chances, drawn = all_batches(listed, nothing, FEW)
    weights = estimator.weighted_advantages(batches)
    return expected(listed, weights, drawn, chances)
