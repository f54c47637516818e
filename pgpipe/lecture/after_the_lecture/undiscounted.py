"""The direction that leaves γᵗ out, over (k, σ): its curl, and where following it ends (P21, E49).

    g = Σ_t x_t E[∇log π(a_t|s_t) Q_t(s_t, a_t)],   x_t = γᵗ (then g = ∇J), or 1.

A field is a gradient only if ∮ g·dθ = 0 around every loop. It is known exactly, and measured from rollouts.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgpipe.lecture.after_the_lecture.circulation import circulation_table, discount_identities
from pgpipe.lecture.after_the_lecture.discount_flows import follow
from pgpipe.lecture.after_the_lecture.discount_problem import FORMS, DiscountSpec, with_discount
from pgpipe.oracles.line_curl import field

Floats = NDArray[np.float64]


def study_discount(spec: DiscountSpec) -> dict[str, pd.DataFrame]:
    """The tables of section 11 that are about γᵗ."""
    measured = circulation_table(spec)
    paths, ends = follow(spec["environment"], spec["gammas"], [(k, s) for k, s in spec["starts"]])
    return {
        "discount_field": field_table(spec),
        "discount_circulation": measured,
        "discount_paths": paths,
        "discount_ends": ends,
        "discount_identities": discount_identities(spec, measured),
    }


def field_table(spec: DiscountSpec) -> pd.DataFrame:
    """Both directions at every (k, σ) of the grid, by γ, the angle between them, and the curl of each."""
    (k_low, k_high), (sigma_low, sigma_high), n = spec["k"], spec["sigma"], spec["points"]
    ks, sigmas = np.linspace(k_low, k_high, n), np.linspace(sigma_low, sigma_high, n)
    tables = []
    for gamma in spec["gammas"]:
        line = with_discount(spec["environment"], gamma)
        columns: dict[str, Any] = {"k": np.repeat(ks, len(sigmas)), "sigma": np.tile(sigmas, len(ks))}
        for form, score_discount in FORMS.items():
            g = field(ks, sigmas, line, score_discount).reshape(-1, 3)
            columns |= {f"{form}_k": g[:, 0], f"{form}_sigma": g[:, 1], f"{form}_curl": g[:, 2]}
        tables.append(pd.DataFrame({"gamma": gamma} | columns))
    table = pd.concat(tables, ignore_index=True)
    return table.assign(degrees=_between(table))


def _between(table: pd.DataFrame) -> Floats:
    """The angle between both directions, in degrees."""
    ours, theirs = (table[[f"{form}_k", f"{form}_sigma"]].to_numpy() @ [1, 1j] for form in FORMS)
    return np.degrees(np.abs(np.angle(ours / theirs)))
