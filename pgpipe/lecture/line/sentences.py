"""What the text of section 9 says in numbers."""

from math import inf

import pandas as pd

from pgpipe.lecture.common.words import number, percent, pipe_table

ROUNDING = 1e-9  # of a ratio of equal losses

RULES = (
    ("vanilla", "α∇J"),
    ("normalised", "α∇J/‖∇J‖"),
    ("natural", "αF⁻¹∇J"),
    ("vanilla to a KL bound", "along ∇J to a KL bound"),
    ("natural to a KL bound", "along F⁻¹∇J to a KL bound"),
)


def best_gains(line_optima: pd.DataFrame) -> str:
    """The best gain without an end, as actions get cheaper, and what the lecture's -1 costs."""
    rows = line_optima[line_optima["horizon"] == inf]
    rows = rows[rows["gamma"] == rows["gamma"].min()].sort_values("action_cost", ascending=False)
    return pipe_table(
        ("An action costs", "Best gain k", "Loss at k = −1"),
        [
            (
                f"{number(row['action_cost'])} a²",
                number(row["k"], 3),
                percent(row["loss"] if row["loss"] > ROUNDING else 0),
            )
            for row in rows.to_dict("records")
        ],
    )


def updates_by_rule(line_updates: pd.DataFrame) -> str:
    """Updates to within 1 % of the optimum by rule and start; in parentheses with any constant size."""
    starts = sorted(line_updates["start_std"].unique(), reverse=True)
    cells = line_updates.drop_duplicates(["rule", "start_std"]).set_index(["rule", "start_std"])
    head = ("Step", *(f"m₀ = {number(start**2)}" for start in starts))
    return pipe_table(
        head,
        [
            (words, *(_updates(cells.loc[(rule, start)]) for start in starts))
            for rule, words in RULES
            if starts and all((rule, start) in cells.index for start in starts)
        ],
    )


def _updates(row: "pd.Series[float]") -> str:
    """`10 (3)`; the same number is said once."""
    smooth, luckiest = (
        f"> {row['most']:,.0f}" if pd.isna(row[name]) else f"{row[name]:,.0f}"
        for name in ("smooth_updates", "updates")
    )
    return smooth if smooth == luckiest else f"{smooth} ({luckiest})"
