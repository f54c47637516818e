"""What the text of section 4 says in numbers."""

import pandas as pd

from pgpipe.lecture.common.cases import listed
from pgpipe.lecture.common.words import fixed, percent, plain

CASES = {
    "returns": "with the returns as they are",
    "constant_added": "with the constant added",
    "good_at_zero": "with the good ones at zero",
}
SYMBOLS = {"k": "μ", "sigma": "σ"}


def policy_after_each_step(three_steps: pd.DataFrame) -> str:
    """Where the mean and the spread of the policy go in F3, F4 and F5."""
    rows = three_steps.set_index("case")
    if not set(CASES) <= set(rows.index):
        return ""
    means = [f"to {fixed(rows.loc[case, 'new_mean'])} {words}" for case, words in CASES.items()]
    spreads = listed(fixed(rows.loc[case, "new_spread"]) for case in CASES)
    before = rows.iloc[0]
    return (
        f"From the same three samples the mean of the policy goes from {fixed(before['mean'])} "
        f"{listed(means)}; its spread goes from {fixed(before['spread'])} to {spreads}."
    )


def worth_of_the_best_constant(return_parabola: pd.DataFrame) -> str:
    """What the best constant leaves of the variance without one, which the parabola has at c = 0."""
    table = return_parabola
    without = table["least_variance"] + table["curvature"] * table["best_constant"] ** 2
    left = [
        f"{percent(share)} for {SYMBOLS.get(name) or plain(name)}"
        for name, share in zip(table["parameter"], table["least_variance"] / without, strict=True)
        if 0 <= share < 1
    ]
    return f"The best constant leaves {listed(left)} of the variance at $c = 0$." if left else ""
