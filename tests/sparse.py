"""Tables as a config of one's own leaves them: little in them, or numbers that say nothing."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

Tables = Mapping[str, pd.DataFrame]
Change = Callable[[Tables], Tables]

# What a config can ask for less of: a column that has fewer values then.
ASKED = (
    "environment", "policy", "estimator", "recipe", "batch_size", "n_trajectories", "seed", "batch", "distance",
    "horizon", "reuse", "stage", "batch_steps", "optimizer", "start_std", "constant", "epsilon", "parameters",
    "samples", "shift", "learning_rate", "episode", "update",
)  # fmt: skip

# Tables that are the same in every config, or follow the others.
FIXED = ("line_optima", "estimators")

# Columns of numbers that no study measures, and counts of what it measured.
PLACES = (
    *ASKED,
    "step",
    "x",
    "place",
    "next_place",
    "value",
    "k",
    "sigma",
    "gamma",
    "kl",
    "env_steps",
    "size",
    "action_cost",
    "damping",
    "good",
)
COUNTS = ("replicates", "n", "seeds", "effective")


def kept(tables: Tables, key: str, which: int) -> Tables:
    """Only the rows of one value of a key, the first (0) or the last (-1), and of none, in every table.

    A table that has the key but not this value keeps its own first one: a study of something else. What is
    listed of estimators is what some table has.
    """
    counted = pd.concat([t[key].drop_duplicates() for t in tables.values() if key in t] or [pd.Series()])
    often = counted.value_counts(sort=False)
    value = often[often == often.max()].index[which] if len(often) else None
    found = {name: _kept(table, key, value) for name, table in tables.items() if name not in FIXED}
    measured = {e for table in found.values() if "estimator" in table for e in table["estimator"]}
    if key in ("estimator", "recipe") and "learning_improvement" in tables:
        found["learning_improvement"] = tables["learning_improvement"].head(0)  # no other one to compare with
    listed = tables["estimators"]
    return {
        **tables,
        **found,
        "estimators": listed[listed["estimator"].isin(measured)].reset_index(drop=True),
    }


def _kept(table: pd.DataFrame, key: str, value: object) -> pd.DataFrame:
    if key not in table or table.empty:
        return table
    own = table[key] == value
    if not own.any() and table[key].notna().any():
        own = table[key] == table[key].dropna().iloc[0]
    return table[own | table[key].isna()].reset_index(drop=True)


def thinnest(tables: Tables, which: int) -> Tables:
    """One environment, stage, estimator, recipe, batch size and seed."""
    for key in ("environment", "policy", "estimator", "recipe", "batch_size", "n_trajectories", "seed"):
        tables = kept(tables, key, which)
    return tables


def first_rows(tables: Tables, n: int) -> Tables:
    """The first rows of every table."""
    return {name: table.head(n) for name, table in tables.items()}


def measured(table: pd.DataFrame) -> list[str]:
    """The columns that hold numbers a study found."""
    return [name for name in table.select_dtypes("float") if name not in (*PLACES, *COUNTS)]


def set_to(tables: Tables, value: float) -> Tables:
    """Every measured number is this one."""
    return {name: table.assign(**dict.fromkeys(measured(table), value)) for name, table in tables.items()}


def no_chance_known(tables: Tables) -> Tables:
    """One replicate or one seed: no interval, no error, no variance."""
    return {name: _alone(table) for name, table in tables.items()}


def _alone(table: pd.DataFrame) -> pd.DataFrame:
    bounds = ("low", "high", "error", "variance", "std", "snr", "bias_z", "effective")
    lost = [name for name in measured(table) if name.endswith(bounds)]
    counts = {name: 1 for name in ("replicates", "seeds", "n") if name in table}
    return table.assign(**dict.fromkeys(lost, np.nan), **counts)


def some_lost(tables: Tables, seed: int, share: float) -> Tables:
    """A share of all measured numbers is none, a row at a time."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, table in tables.items():
        gone = rng.random(len(table)) < share
        found[name] = table.assign(**{c: table[c].mask(gone) for c in measured(table)})
    return found


# What a sound study of little leaves, after which everything has to be drawn and tested.
SPARSE: Mapping[str, Change] = {
    "first environment": partial(kept, key="environment", which=0),
    "last estimator, one batch size": lambda t: kept(kept(t, "estimator", -1), "batch_size", -1),
    "one recipe, one seed": lambda t: no_chance_known(kept(kept(t, "recipe", 0), "seed", 0)),
    "one size": lambda t: kept(kept(kept(t, "n_trajectories", 0), "batch_steps", 0), "learning_rate", 0),
    "one of each": partial(thinnest, which=0),
    "zero": partial(set_to, value=0.0),
    "rows lost": partial(some_lost, seed=0, share=0.3),
}

# What says nothing.
EMPTY: Mapping[str, Change] = {
    "no row": partial(first_rows, n=0),
    "no number": partial(set_to, value=np.nan),
}
