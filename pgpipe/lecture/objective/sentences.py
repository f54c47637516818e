"""What the text of section 1 says in numbers."""

import pandas as pd

from pgpipe.lecture.common.cases import place_of
from pgpipe.lecture.common.words import code, number, plain


def problems_in_words(problems: pd.DataFrame) -> str:
    """A line for each problem: what is observed, done and paid, how long it may take, and the discount."""
    shared = ["id", "task", "reward", "observation", "action", "longest", "gamma"]
    groups = problems.groupby(shared, sort=False, dropna=False)
    return "\n".join(f"- {_problem(group)}" for _, group in groups)


def _problem(group: pd.DataFrame) -> str:
    """Environments of which one line tells all."""
    first = group.iloc[0]
    names = ", ".join(f"**{plain(str(name).replace('_', ' '))}**" for name in group["environment"])
    longest = "no end of its own"
    if pd.notna(first["longest"]):
        longest = "one step" if first["longest"] == 1 else f"{first['longest']:,.0f} steps at most"
    parts = [
        f"{names} ({code(first['id'])})" + (f": {plain(first['task'])}" if pd.notna(first["task"]) else ""),
        f"The policy sees {plain(first['observation'])}, and chooses {plain(first['action'])}",
        *([f"A step pays {plain(first['reward'])}"] if pd.notna(first["reward"]) else []),
        f"{longest.capitalize()}; $\\gamma = {number(first['gamma'], 4)}$",
    ]
    return " ".join(f"{part}." for part in parts)


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
