"""The certificates of a config's estimators as a page, a table, plain values and text for the terminal."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup
from typing_extensions import TypedDict

from pgpipe.lecture.certificate.words import NOTE, in_words, summary, worst
from pgpipe.lecture.report.certificates import with_interval
from pgpipe.lecture.report.formats import html_table
from pgpipe.lecture.report.material import read_texts
from pgpipe.lecture.report.page import plain_page

COLUMNS = ("estimator", "verdict", "problem", "batch_size", "replicates")


class PageSpec(TypedDict):
    """The paths of the page's template and style in the checkout."""

    texts: list[str]


def write_certificate(spec: PageSpec, certificates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Outputs `page`, `table`, `values` and `text`, of the certificates in the order of their paths."""
    found = list(certificates.values())
    return {
        "page": render(found, read_texts(spec["texts"])),
        "table": as_table(found),
        "values": found,
        "text": in_words(found),
    }


def as_table(certificates: list[Mapping[str, Any]]) -> pd.DataFrame:
    """A row for each estimator and problem."""
    rows = [
        {"estimator": each["name"], "verdict": each["verdict"], **row, "cost": each["cost"]}
        for each in certificates
        for row in each["rows"]
    ]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=COLUMNS)


def render(certificates: list[Mapping[str, Any]], sources: Mapping[str, str]) -> str:
    """The page."""
    return plain_page(
        "certificate.html.j2",
        sources,
        note=NOTE,
        summary=summary(certificates),
        certificates=[{**each, "table": _shown(each), "bias": _bias(each)} for each in certificates],
    )


def _shown(each: Mapping[str, Any]) -> Markup:
    """An estimator's rows, as they are read."""
    rows = pd.DataFrame(each["rows"])
    if rows.empty:
        return Markup("")
    numbers = rows.astype({name: float for name in rows.columns if name != "problem"})
    return html_table(
        pd.DataFrame(
            {
                "problem": rows["problem"],
                "trajectories in a batch": rows["batch_size"],
                "batches": rows["replicates"],
                "exact bias (% of ‖∇J‖)": _numbers(numbers["exact_bias"]),
                "measured bias along ∇J (% of ‖∇J‖)": with_interval(numbers, "bias"),
                "standard errors": _numbers(numbers["bias_z"]),
                "variance / total return's": with_interval(numbers, "variance_ratio"),
                "exactly": _numbers(numbers["exact_variance_ratio"]),
                "cosine to ∇J": with_interval(numbers, "cosine"),
            }
        )
    )


def _numbers(column: "pd.Series[float]") -> list[str]:
    """Each with three digits, empty where there is none; what is zero but for rounding is zero."""
    return ["" if x != x else f"{0.0 if abs(x) < 1e-5 else x:.3g}" for x in column]


def _bias(each: Mapping[str, Any]) -> str:
    """The largest one, in words."""
    exact, _ = worst(each["rows"])
    return "" if exact is None else f"exact bias up to {exact:.1f}\N{NO-BREAK SPACE}% of ‖∇J‖"
