"""Section 6, the gradients: what each form of importance weights is worth (C11, C12, C14 to C16, C34)."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest, norm, t

from pgpipe.claims.identities import identity_checks
from pgpipe.claims.unbiasedness import CHANCE, MARGIN, composed_of
from pgpipe.evidence import Claim, verdict
from pgpipe.statistics import weighted_mean, weighted_slope

# Distances, in nats, at which an error still grows by its first order.
SMALL = 0.1
# How far from one half an exponent may be and still count as it.
EXPONENT = 0.1


def c11(off_policy_gradients: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """Reusing old samples without weights is biased, the more the farther the policies are apart."""
    rows = _of(off_policy_gradients, composed_of(estimators, signal="reward_to_go", baseline="none"))
    slope = _measured_slope(rows)
    far = rows[rows["distance"] == rows["distance"].max()]
    biased = far["bias_low"] > 0
    exact = exact_slopes(rows)
    return Claim(
        measure="slope of log ‖E ĝ - ∇J(θ')‖ over log KL, up to "
        f"{SMALL:g} nats, all environments and directions together; of the exact biases {_range(exact)}. At "
        f"{far['distance'].max():g} nats the bias is {far['bias'].min():.2g} to {far['bias'].max():.2g} "
        "times the "
        f"length of ∇J(θ), and its interval above zero in {int(biased.sum())} of {len(far)}",
        **slope._asdict(),
        criterion="interval of the slope above zero, and the bias at the largest distance above "
        "zero everywhere",
        verdict=verdict(
            supported=slope.low > 0 and len(far) > 0 and bool(biased.all()),
            refuted=slope.high < 0 or bool((far["bias_high"] == 0).any()),
        ),
        figure="P10",
    )


def c12(
    off_policy_gradients: pd.DataFrame, off_policy_identities: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """With E26 it is unbiased, and at θ' = θ identical to the on-policy gradient."""
    names = composed_of(estimators, signal="total_return", baseline="none", importance="trajectory")
    rows = _testable(_of(off_policy_gradients, names))
    mean, error = _projection(rows)
    half = float(norm.ppf(0.975)) * error
    worst, beyond = _deviations(rows)
    same = identity_checks(off_policy_identities, "E27")
    identical = all(check.passed for check in same)
    within = mean - half > 1 - MARGIN and mean + half < 1 + MARGIN
    outside = mean - half > 1 + MARGIN or mean + half < 1 - MARGIN
    return Claim(
        measure="ḡ·∇J(θ')/‖∇J(θ')‖² over all exact gradients and distances at which the weights "
        "have a fourth moment; "
        f"largest deviation of a component {worst:.2f} standard errors. At θ' = θ the largest difference "
        "from the "
        f"on-policy gradient is {max((check.value for check in same), default=np.nan):g}",
        estimate=mean,
        low=mean - half,
        high=mean + half,
        n=int(rows["replicates"].sum()),
        criterion=f"interval within 1 ± {MARGIN:g}, no component beyond Student's t at {CHANCE:g} "
        "over all, and "
        "at θ' = θ no difference at all",
        verdict=verdict(
            within and not beyond and bool(same) and identical, outside or beyond or not identical
        ),
        figure="P10",
    )


def c14(off_policy_gradients: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """The causal form is unbiased, and has a lower variance than the weights of whole trajectories."""
    causal = _of(
        off_policy_gradients,
        composed_of(estimators, signal="reward_to_go", baseline="none", importance="per_decision"),
    )
    dropped = _of(
        off_policy_gradients,
        composed_of(estimators, signal="reward_to_go", baseline="none", importance="trajectory"),
    )
    worst, beyond = _deviations(_testable(causal))
    rows = _finite(causal)
    ratio = _Ratios(rows, "variance_ratio")
    past, cut = _Ratios(_finite(dropped), "variance_ratio"), _Ratios(rows, "truncation_ratio")
    highest = rows.loc[rows["variance_ratio"].idxmax()] if ratio.n else pd.Series(dtype=float)
    return Claim(
        measure="variance of E29 over that of E26 on the same batches, the largest where the "
        "moments are finite"
        f"{_place(highest)}. {ratio}. Of its two parts, past rewards dropped: {past}; ratios after the "
        "reward "
        f"dropped as well: {cut}. Largest deviation of its mean from ∇J(θ'): {worst:.2f} standard errors",
        estimate=float(highest.get("variance_ratio", np.nan)),
        low=float(highest.get("variance_ratio_low", np.nan)),
        high=float(highest.get("variance_ratio_high", np.nan)),
        n=int(rows["replicates"].sum()),
        criterion="no component off by Student's t, and nowhere a higher variance: each interval "
        "of the ratio below "
        "one, or the two the same; refuted by one interval above one",
        verdict=verdict(
            supported=ratio.n > 0 and ratio.lower + ratio.same == ratio.n and not beyond,
            refuted=ratio.higher > 0 or beyond,
        ),
        figure="P10",
    )


def c15(off_policy_steps: pd.DataFrame) -> Claim:
    """Without the weights on the rewards the step still improves the policy: over the old one, for small
    steps.
    """
    uphill = off_policy_steps[off_policy_steps["direction"] == "gradient"]
    small, others = (
        uphill[uphill["distance"] <= SMALL],
        off_policy_steps[off_policy_steps["direction"] != "gradient"],
    )
    shares = [binomtest(int(row.above_old), int(row.n)).proportion_ci() for row in small.itertuples()]
    expected = bool((small["expected"] > small["old"]).all())
    farthest = off_policy_steps[off_policy_steps["distance"] == off_policy_steps["distance"].max()]
    best = min(range(len(small)), key=lambda i: shares[i].low, default=None)
    row = small.iloc[best] if best is not None else None
    over_new = int((off_policy_steps["expected"] > off_policy_steps["new"]).sum())
    aside = others.groupby("distance").apply(
        lambda rows: f"{(rows['expected'] > rows['old']).sum()} of {len(rows)}"
    )
    by_distance = "; ".join(f"{share} at {distance:g}" for distance, share in aside.items())
    return Claim(
        measure="share of steps from θ', which lies uphill of θ, after which J is above J(θ), the "
        "smallest of all "
        f"environments up to {SMALL:g} nats. The exact expected step raises J over J(θ') in {over_new} of "
        f"{len(off_policy_steps)}, in whatever direction θ' lies; over J(θ) in random directions, by nats, "
        "in "
        f"{by_distance or 'none'}. Cosine of E30's expectation to ∇J(θ') at the largest distance "
        f"{farthest['cosine_new'].min():.2f}"
        " at least",
        estimate=float(row["above_old"] / row["n"]) if row is not None else np.nan,
        low=float(shares[best].low) if best is not None else np.nan,
        high=float(shares[best].high) if best is not None else np.nan,
        n=int(small["n"].sum()),
        criterion="uphill and at small distances each interval of the share above one half, and J "
        "after the exact "
        "expected step above J(θ)",
        verdict=verdict(
            supported=len(small) > 0 and expected and all(share.low > 0.5 for share in shares),
            refuted=any(share.high < 0.5 for share in shares) or not expected,
        ),
        figure="P10",
    )


def c16(
    off_policy_gradients: pd.DataFrame, off_policy_scaling: pd.DataFrame, estimators: pd.DataFrame
) -> Claim:
    """The first-order form is biased, with an error that vanishes like √KL, and a variance that does not
    explode in T.
    """
    names = composed_of(estimators, signal="reward_to_go", baseline="none", importance="first_order")
    rows = _of(off_policy_gradients, names)
    exact = exact_slopes(rows)
    measured = _measured_slope(rows)
    growth, low, high = _growth(_of(off_policy_scaling, names))
    whole = composed_of(estimators, signal="total_return", baseline="none", importance="trajectory")
    other = _growth(_of(off_policy_scaling, whole))
    half = bool(exact) and all(abs(slope - 0.5) <= EXPONENT for slope in exact)
    return Claim(
        measure="exponent of its exact bias in KL at the two smallest distances, mean over "
        "environments and directions; there "
        "is no chance in it, so the bounds are its smallest and largest value; measured, up to "
        f"{SMALL:g} nats, "
        f"{measured.estimate:.2f} [{measured.low:.2f}, {measured.high:.2f}]. Its variance over ‖∇J‖² grows "
        "from the "
        f"second longest horizon to the longest, twice that, by {growth:.2f} [{low:.2f}, {high:.2f}], that "
        "of whole "
        f"trajectories' weights by {other[0]:.2f} [{other[1]:.2f}, {other[2]:.2f}]",
        estimate=float(np.mean(exact)) if exact else np.nan,
        low=min(exact, default=np.nan),
        high=max(exact, default=np.nan),
        n=int(rows["replicates"].sum()),
        criterion=f"every exact exponent within 0.5 ± {EXPONENT:g}, and the interval of the "
        "variance's growth below "
        "the growth of the horizon",
        verdict=verdict(
            supported=half and high < _stretch(off_policy_scaling),
            refuted=(bool(exact) and not half) or low > _stretch(off_policy_scaling),
        ),
        figure="P10",
    )


def c34(off_policy_gradients: pd.DataFrame, estimators: pd.DataFrame) -> Claim:
    """Past weights cannot be left out for free: without them the states are the old policy's."""
    names = composed_of(estimators, signal="reward_to_go", baseline="none", importance="first_order")
    rows = _finite(_of(off_policy_gradients, names))
    moving = rows[~(rows["exact_past_gap"] < 1e-9)]  # a bandit has one state
    far = moving.loc[moving.groupby(["environment", "direction"])["distance"].idxmax()]
    seen = far["past_gap_low"] > 0
    largest = far.loc[far["past_gap"].idxmax()] if len(far) else pd.Series(dtype=float)
    shares = (far["exact_past_gap"] / far["exact_bias"]).dropna()
    return Claim(
        measure="‖E[E34] - E[E30]‖, what the past ratios' absence changes, over ‖∇J(θ)‖, the largest of all "
        f"environments{_place(largest)}; exact {largest.get('exact_past_gap', np.nan):.2g}. Above zero in "
        f"{int(seen.sum())} of {len(far)} at the farthest distance with a finite moment; of the "
        "first-order bias it "
        f"is {_range(list(shares))} times",
        estimate=float(largest.get("past_gap", np.nan)),
        low=float(largest.get("past_gap_low", np.nan)),
        high=float(largest.get("past_gap_high", np.nan)),
        n=int(far["replicates"].sum()),
        criterion="interval above zero in at least one environment, and the exact difference "
        "above zero in every one "
        "of several steps; refuted by none that differs",
        verdict=verdict(
            supported=bool(seen.any()) and len(far) > 0,
            refuted=bool((far["exact_past_gap"] < 1e-9).all()) and len(far) > 0,
        ),
        figure="P10",
    )


class Slope(NamedTuple):
    """A slope with its 95 % interval, of so many batches."""

    estimate: float
    low: float
    high: float
    n: int


class _Ratios:
    """How many variance ratios of a table are below one, above one, or one."""

    def __init__(self, rows: pd.DataFrame, name: str) -> None:
        rows = rows.dropna(subset=name)
        low, high = rows[f"{name}_low"], rows[f"{name}_high"]
        same = (low > 1 - 1e-4) & (high < 1 + 1e-4)  # but for rounding
        self.n, self.same = len(rows), int(same.sum())
        self.lower, self.higher = int((~same & (high < 1)).sum()), int((~same & (low > 1)).sum())

    def __str__(self) -> str:
        return f"lower in {self.lower}, the same in {self.same}, higher in {self.higher} of {self.n}"


def exact_slopes(rows: pd.DataFrame) -> list[float]:
    """Exponent of the exact bias in KL at the two smallest distances, by environment and direction.

    There is no noise in it, so the nearest to the limit tell it best.
    """
    known = rows[rows["exact_bias"] > 1e-9].sort_values("distance")
    groups = [g.head(2) for _, g in known.groupby(["environment", "direction"]) if len(g) > 1]
    return [float(np.polyfit(np.log(g["kl"]), np.log(g["exact_bias"]), 1)[0]) for g in groups]


def _measured_slope(rows: pd.DataFrame) -> Slope:
    """The same from the gaps to the unbiased causal form, weighted by precision; where they can be seen."""
    small = rows[(rows["distance"] <= SMALL) & (rows["gap_low"] > 0)]
    slopes = []
    for _, group in small.groupby(["environment", "direction"]):
        if len(group) > 1:
            error = np.log(group["gap_high"] / group["gap_low"]) / (2 * norm.ppf(0.975))
            kl, gap = (np.log(group[column].to_numpy()) for column in ("kl", "gap"))
            slopes.append(weighted_slope(kl, gap, error.to_numpy()))
    if not slopes:
        return Slope(np.nan, np.nan, np.nan, 0)
    slope, error = weighted_mean(*np.array(slopes).T)
    half = float(norm.ppf(0.975)) * error
    return Slope(slope, slope - half, slope + half, int(small["replicates"].sum()))


def _growth(rows: pd.DataFrame) -> tuple[float, float, float]:
    """The variance at the longest horizon over that at the second longest, from independent samples."""
    if len(rows) < 2:
        return np.nan, np.nan, np.nan
    two = rows.sort_values("horizon").tail(2)
    errors = np.log(two["std_high"] / two["std_low"]) / norm.ppf(
        0.975
    )  # of log variance, twice that of log std
    log = 2 * float(np.log(two["std"]).diff().iloc[-1])
    half = float(norm.ppf(0.975) * np.hypot(*errors))
    return float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half))


def _stretch(scaling: pd.DataFrame) -> float:
    """The longest horizon over the second longest."""
    horizons = sorted(scaling["horizon"].unique())
    return float(horizons[-1] / horizons[-2])


def _of(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The rows of the first of the estimators that the table has."""
    found = [name for name in names if name in set(table["estimator"])]
    return table[table["estimator"].isin(found[:1])]


def _finite(rows: pd.DataFrame) -> pd.DataFrame:
    """Where the weights have a second moment and leave enough of the sample."""
    return rows[(rows["effective_share"] >= 0.1) & ~np.isinf(rows["exact_second_moment"])]


def _testable(rows: pd.DataFrame) -> pd.DataFrame:
    """Where the gradient is exact and a mean of the weights' squares has an error of its own."""
    finite = _finite(rows)
    return finite[finite["form_deviation"].notna() & ~np.isinf(finite["exact_fourth_moment"])]


def _projection(rows: pd.DataFrame) -> tuple[float, float]:
    """The precision-weighted mean of ḡ·∇J/‖∇J‖² and its error: an environment's rows are one sample."""
    if rows.empty:
        return np.nan, np.nan
    mean, error = weighted_mean(rows["projection"].to_numpy(), rows["projection_error"].to_numpy())
    return mean, error * float(len(rows) / rows["environment"].nunique()) ** 0.5


def _deviations(rows: pd.DataFrame) -> tuple[float, bool]:
    """The largest deviation from the exact gradient, and whether it is beyond chance over all components."""
    if rows.empty:
        return np.nan, False
    limits = t.ppf(1 - CHANCE / 2 / rows["parameters"].sum(), rows["replicates"] - 1)
    return float(rows["form_deviation"].max()), bool((rows["form_deviation"] > limits).any())


def _range(values: list[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}" if values else "not known"


def _place(row: pd.Series) -> str:
    return f" ({row['environment']}, {row['direction']}, {row['distance']:g} nats)" if len(row) else ""
