"""Rows of the tables of identities: an equation's two sides, and how far apart they may be."""

from typing import Any

import torch
from torch import Tensor

Row = dict[str, Any]


def identity_row(
    equation: str, what: str, kind: str, value: Any, reference: Any, scale: Any, n: int, comparisons: int = 1
) -> Row:
    """A value beside what it should be.

    Kind `exact`: alike but for rounding, in proportion to `scale`. Kind `mean`: off by chance, and `scale` is
    a standard error. Kind `frequencies`: χ² beside its degrees of freedom. n counts what is behind the row,
    `comparisons` the numbers of which it shows the worst.
    """
    numbers = {"value": float(value), "reference": float(reference), "scale": float(scale)}
    return {"equation": equation, "what": what, "kind": kind} | numbers | {"n": n, "comparisons": comparisons}


def exact_row(equation: str, what: str, left: Tensor, right: Tensor, terms: Tensor) -> Row:
    """The largest difference of both sides, beside the largest of the terms that were added or multiplied."""
    off, size = (left - right).abs().max(), terms.abs().max()
    return identity_row(equation, what, "exact", off, 0, size, len(terms))


def vanishing_row(equation: str, what: str, terms: Tensor) -> Row:
    """The largest |mean| of the columns of terms (N, P), in standard errors: all are zero but for chance."""
    z = standard_errors_off(terms, 0.0)
    words = f"{what}, in standard errors"
    return identity_row(equation, words, "mean", z.max(), 0, 1, len(terms), len(z))


def martingale_row(
    equation: str, what: str, sums: Tensor, variances: Tensor, largest: Tensor, n: int
) -> list[Row]:
    """The largest of sums S of terms that have mean zero whatever came before them, in standard errors.

    V is the sum of the terms' exact variances, each given what came before, R the largest term. By Freedman's
    inequality |S|/√(V + R|S|/3) has the tails of a normal variable, so heavy tails of what came before do not
    matter. Sums without variance are left out; no row if that is all.  Freedman 1975.
    """
    S, V, R = (numbers[variances > 0] for numbers in (sums.abs(), variances, largest))
    z = S / (V + R * S / 3) ** 0.5
    words = f"{what}, in standard errors"
    return [identity_row(equation, words, "mean", z.max(), 0, 1, n, len(z))] if len(z) else []


def standard_errors_off(terms: Tensor, reference: Tensor | float) -> Tensor:
    """|mean - reference| of each column of terms (N, P), in standard errors.  -> (P,).

    A column without any variance has to be right as it is: then it is off by zero, else by infinity.
    """
    off, error = (terms.mean(0) - reference).abs(), terms.std(0) / len(terms) ** 0.5
    return torch.where(error > 0, off / error, torch.where(off < 1e-9, 0.0, torch.inf))
