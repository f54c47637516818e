"""Numbers of single trainings: alone they have no interval, over the seeds of a recipe they have."""

from collections.abc import Mapping, Sequence
from math import hypot, inf, sqrt
from statistics import fmean, stdev
from typing import TypeGuard

Cell = float | str

SEED = "seed"

# What trainings are told apart by, beside the seed; a table has some of them.
GROUPS = ("environment", "recipe", "estimator", "reuse", "learning_rate", "size")


def is_number(cell: Cell) -> TypeGuard[float]:
    """Whether a cell is a finite number."""
    return not isinstance(cell, str) and abs(cell) < inf


def alike_by_seeds(
    name: str, then: Mapping[str, Sequence[Cell]], now: Mapping[str, Sequence[Cell]], z: float
) -> bool:
    """Whether the mean over the seeds is the same, but for z standard errors, in each group of trainings.

    A seed counts as one number, the mean of its rows. False for words, and for groups of a single seed.
    """
    if not all(is_number(cell) or cell == "" for cell in (*then[name], *now[name])):
        return False
    both = [_by_group(name, columns) for columns in (then, now)]
    if both[0].keys() != both[1].keys():
        return False
    return all(_alike(both[0][group], both[1][group], z) for group in both[0])


def _by_group(name: str, columns: Mapping[str, Sequence[Cell]]) -> dict[tuple[Cell, ...], list[float]]:
    """The mean of each seed, group by group."""
    keys = [columns[key] for key in (*GROUPS, SEED) if key in columns]
    rows: dict[tuple[Cell, ...], list[float]] = {}
    for *key, cell in zip(*keys, columns[name], strict=True):
        if is_number(cell):
            rows.setdefault(tuple(key), []).append(cell)
    groups: dict[tuple[Cell, ...], list[float]] = {}
    for key_of_seed, cells in rows.items():
        groups.setdefault(key_of_seed[:-1], []).append(fmean(cells))
    return groups


def _alike(then: Sequence[float], now: Sequence[float], z: float) -> bool:
    if min(len(then), len(now)) < 2:
        return False
    error = hypot(*(stdev(means) / sqrt(len(means)) for means in (then, now)))
    return abs(fmean(then) - fmean(now)) <= z * error
