"""What the text of section 2 says in numbers."""

import pandas as pd

from pgpipe.lecture.common.cases import place_of, problems
from pgpipe.lecture.common.words import number, percent


def exact_or_large(gradient_reference: pd.DataFrame) -> str:
    """Where ∇J is known, and what stands in for it elsewhere."""
    exact = gradient_reference["kind"] == "exact"
    known, others = gradient_reference[exact], gradient_reference[~exact]
    said = []
    if len(known):
        said.append(f"It is known exactly on {problems(known['environment'])}.")
    if len(others):
        said.append(
            f"On {problems(others['environment'])} the mean over {others['trajectories'].min():,} "
            "trajectories stands in for it, with an error of its own that every comparison carries."
        )
    return " ".join(said)


def steps_uphill(gradient_convergence: pd.DataFrame) -> str:
    """The shares of steps that raise J, by few trajectories and by many, and where they are the fewest."""
    rows = gradient_convergence[gradient_convergence["raised"].notna()]
    few, many = rows["n_trajectories"].min(), rows["n_trajectories"].max()
    if rows.empty or few == many:
        return ""
    first, last = (rows[rows["n_trajectories"] == n] for n in (few, many))
    low, high = percent(first["raised"].min()), percent(first["raised"].max())
    between = low if low == high else f"{low} to {high}"
    said = f"Along a gradient from {few:,} trajectories {between} of the steps go up"
    sure = int((last["raised"] == 1).sum())
    if sure == len(last):
        return f"{said}; along one from {many:,} all of them do."
    worst = last.loc[last["raised"].idxmin()]
    fewest = f"the share is lowest, {percent(worst['raised'])}, on {place_of(worst)}"
    said = f"{said}. Along one from {many:,} all do in {sure} of {len(last)} cases; {fewest}"
    if not worst["gradient_norm"] > 0:
        return f"{said}."
    error = number(worst["rmse"] / worst["gradient_norm"])
    return f"{said}, where even then the error of $\\hat g$ is {error} times as long as $\\nabla_\\theta J$."
