"""Tables as a config of one's own leaves them: little in them, or numbers that say nothing."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
import pandas as pd

Tables = Mapping[str, pd.DataFrame]

# What a config can ask for less of: a column that has fewer values then.
ASKED = (
    "environment", "policy", "estimator", "recipe", "batch_size", "n_trajectories", "seed", "batch", "distance",
    "horizon", "reuse", "stage", "batch_steps", "optimizer", "start_std", "constant", "epsilon", "parameters",
    "samples", "shift", "learning_rate", "episode", "update",
)  # fmt: skip

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
)
COUNTS = ("replicates", "n", "seeds", "effective")


def kept(tables: Tables, key: str, which: int) -> Tables:
    """Only the rows of one value of a key, the first (0) or the last (-1), in every table that has it.

    A table that has the key but not this value keeps its own first one: a study of something else. What is
    listed of estimators is what some table has.
    """
    counted = pd.concat([t[key].drop_duplicates() for t in tables.values() if key in t] or [pd.Series()])
    often = counted.value_counts(sort=False)
    value = often[often == often.max()].index[which] if len(often) else None
    found = {name: _kept(table, key, value) for name, table in tables.items() if name != "estimators"}
    if "estimators" not in tables:
        return found
    measured = {e for table in found.values() if "estimator" in table for e in table["estimator"]}
    listed = tables["estimators"]
    return {**found, "estimators": listed[listed["estimator"].isin(measured)].reset_index(drop=True)}


def _kept(table: pd.DataFrame, key: str, value: object) -> pd.DataFrame:
    if key not in table or table.empty:
        return table
    own = table[key] == value
    return table[own if own.any() else table[key] == table[key].iloc[0]].reset_index(drop=True)


def thinnest(tables: Tables, which: int) -> Tables:
    """One environment, stage, estimator, recipe, batch size and seed."""
    for key in ("environment", "policy", "estimator", "recipe", "batch_size", "n_trajectories", "seed"):
        tables = kept(tables, key, which)
    return tables


def first_rows(tables: Tables, n: int) -> Tables:
    """The first rows of every table."""
    return {name: table.head(n) for name, table in tables.items()}


def without(tables: Tables, name: str) -> Tables:
    """One table without rows."""
    return {**tables, name: tables[name].head(0)}


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


def some_rows(tables: Tables, seed: int, share: float) -> Tables:
    """A random share of the rows."""
    rng = np.random.default_rng(seed)
    return {
        name: table[rng.random(len(table)) < share].reset_index(drop=True) for name, table in tables.items()
    }


def _thinnest_set_to(tables: Tables, value: float) -> Tables:
    return thinnest(set_to(tables, value), 0)


def _thinnest_alone(tables: Tables) -> Tables:
    return thinnest(no_chance_known(tables), 0)


def thinnings(names: list[str]) -> Iterator[tuple[str, Callable[[Tables], Tables]]]:
    """(what is thinned, how)."""
    for key in ASKED:
        for which in (0, -1):
            yield f"{key} {which}", partial(kept, key=key, which=which)
    for which in (0, -1):
        yield f"thinnest {which}", partial(thinnest, which=which)
    for n in (0, 1, 2):
        yield f"rows {n}", partial(first_rows, n=n)
    for value in (0.0, 1.0, -1.0, float("nan"), float("inf")):
        yield f"all {value}", partial(set_to, value=value)
        yield f"thinnest all {value}", partial(_thinnest_set_to, value=value)
    yield "alone", no_chance_known
    yield "thinnest alone", _thinnest_alone
    for seed in range(3):
        for share in (0.2, 0.7):
            yield f"lost {share} {seed}", partial(some_lost, seed=seed, share=share)
            yield f"random {share} {seed}", partial(some_rows, seed=seed, share=share)
    for name in names:
        yield f"without {name}", partial(without, name=name)
