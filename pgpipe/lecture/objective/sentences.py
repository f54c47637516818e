"""What the text of section 1 says in numbers."""

import pandas as pd

from pgpipe.lecture.common.cases import place_of
from pgpipe.lecture.common.words import number, pipe_table, plain


def problems_in_words(problems: pd.DataFrame) -> str:
    """A line for each problem: what is to be done, what a step pays, how long it may take."""
    head = ("Problem", "What is to be done", "What a step pays", "Steps at most", "∇J known")
    alike = ["task", "reward", "longest", "exact"]
    groups = problems.fillna({"reward": ""}).groupby(alike, sort=False, dropna=False)
    rows = [
        (
            ", ".join(str(name).replace("_", " ") for name in group["environment"]),
            plain(str(task)),
            plain(str(reward)),
            "no end" if pd.isna(longest) else f"{longest:,.0f}",
            "exactly" if exact else "from samples",
        )
        for (task, reward, longest, exact), group in groups
    ]
    return pipe_table(head, rows)


def error_in_returns(objective_error: pd.DataFrame) -> str:
    """The largest error relative to J, of the least and of the greatest number of trajectories."""
    known = objective_error[(objective_error["rmse"] > 0) & (objective_error["exact"] != 0)]
    few, many = known["n_trajectories"].min(), known["n_trajectories"].max()
    if known.empty or few == many:
        return ""
    at_few = known[known["n_trajectories"] == few]
    worst = at_few.loc[(at_few["rmse"] / at_few["exact"].abs()).idxmax()]
    same = (known["environment"] == worst["environment"]) & (known["policy"] == worst["policy"])
    at_many = known[same & (known["n_trajectories"] == many)]
    if at_many.empty:
        return ""
    first = "a single return" if few == 1 else f"the mean of {few:,} returns"
    return (
        f"Relative to $J$ the error is largest on {place_of(worst)}: where $J$ is {number(worst['exact'])}, "
        f"{first} misses it by {number(worst['rmse'])} (root mean square), and the mean of {many:,} by "
        f"{number(at_many['rmse'].iloc[0])}."
    )
