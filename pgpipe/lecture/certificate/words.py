"""Certificates as text for a terminal of 100 columns."""

from collections.abc import Mapping, Sequence
from statistics import median
from textwrap import wrap
from typing import Any

WIDTH = 100
FORM = "{:<26}{:<20}{:>11}{:>21}{:>9}{:>6}{:>7}"
HEAD = FORM.format("estimator", "verdict", "exact bias", "measured bias", "variance", "cos", "cost")
NOTE = (
    "Biases are the largest of all problems, in percent of ‖∇J‖, the measured one with its z; variance, by "
    "that of the total return, and the cosine of ĝ to ∇J are those of the median problem; cost is counted "
    "operations, by the total return's. A declared bias breaks no law."
)


def in_words(certificates: Sequence[Mapping[str, Any]]) -> str:
    """A line for each estimator, then which laws are broken, and how."""
    lines = [HEAD, "-" * WIDTH, *map(_line, certificates), ""]
    for each in certificates:
        lines += _broken(each)
    return "\n".join([*lines, *wrap(NOTE, WIDTH), "", *wrap(summary(certificates), WIDTH)]) + "\n"


def summary(certificates: Sequence[Mapping[str, Any]]) -> str:
    """How many are what."""
    names: dict[str, list[str]] = {"broken": [], "biased, as it says": [], "unbiased": []}
    for each in certificates:
        names[each["verdict"]].append(each["name"])
    counts = [f"{len(found)} {verdict}" for verdict, found in names.items() if found]
    broken = f" Broken: {', '.join(names['broken'])}." if names["broken"] else ""
    return f"{len(certificates)} judged: {'; '.join(counts)}.{broken}"


def worst(rows: Sequence[Mapping[str, Any]]) -> tuple[float | None, Mapping[str, Any] | None]:
    """The largest exact bias, and the row whose measured bias is the most standard errors away from zero."""
    exact = [row["exact_bias"] for row in rows if row["exact_bias"] is not None]
    measured = [row for row in rows if row["bias_z"] is not None]
    return max(exact, default=None), max(measured, key=lambda row: abs(row["bias_z"]), default=None)


def middle(rows: Sequence[Mapping[str, Any]], column: str) -> float | None:
    """The median over the problems that have one."""
    found = [row[column] for row in rows if row[column] is not None]
    return median(found) if found else None


def _line(each: Mapping[str, Any]) -> str:
    exact, far = worst(each["rows"])
    variance, cosine = (middle(each["rows"], column) for column in ("variance_ratio", "cosine"))
    cells = (
        each["name"][:25],
        each["verdict"],
        "" if exact is None else f"{exact:.1f} %",
        "" if far is None else f"{far['bias']:+.1f} % (z {far['bias_z']:.1f})",
        "" if variance is None else f"{variance:.2f} x",
        "" if cosine is None else f"{cosine:.2f}",
        "" if each["cost"] is None else f"{each['cost']:.1f} x",
    )
    return FORM.format(*cells).rstrip()


def _broken(each: Mapping[str, Any]) -> list[str]:
    """What an estimator breaks; nothing if it keeps all."""
    laws = [law for law in each["laws"] if law["result"] == "broken"]
    lines = [f"{each['name']} breaks {len(laws)} of {len(each['laws'])} laws:"] if laws else []
    for law in laws:
        lines += wrap(
            f"{law['law']}: {law['statement']}", WIDTH, initial_indent="  ", subsequent_indent="    "
        )
        lines += wrap(f"found: {law['found']}", WIDTH, initial_indent="    ", subsequent_indent="    ")
    return [*lines, ""] if lines else []
