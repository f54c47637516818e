"""How large a batch a usable direction takes (C19)."""

from typing import Any

import numpy as np
import pandas as pd

from pgpipe.intervals import Interval
from pgpipe.lecture.common.cases import lacking, lowest_of
from pgpipe.lecture.common.evidence import Claim, verdict
from pgpipe.lecture.practice.claims._words import cases_of, interval_of, stage_words

# Batches "in the thousands or tens of thousands", in environment steps: from here, to below there.
FEWEST, MOST = 1_000, 100_000

MEDIAN = "median batch with a usable direction, in environment steps"


def c19(batch_crossings: pd.DataFrame) -> Claim:
    """A usable direction takes batches in the thousands or tens of thousands."""
    rows = batch_crossings.rename(
        columns={"usable_steps_low": "low", "usable_steps_high": "high", "seeds": "n"}
    ).reset_index(drop=True)
    inside = (rows["low"] >= FEWEST) & (rows["high"] < MOST)
    fewer, more = rows["high_all"] < FEWEST, rows["low_all"] >= MOST
    names = [stage_words(*key) for key in zip(rows["environment"], rows["stage"], strict=True)]
    found = verdict(supported=len(rows) > 0 and bool(inside.all()), refuted=bool((fewer | more).any()))
    cases = cases_of(names, [_median(row) for row in rows.to_dict("records")], inside, fewer | more, MEDIAN)
    known = [case for case in cases if case.interval.kind == "95 % interval"]
    lowest = lowest_of(known or cases)
    usable = rows["usable_cosine"].iloc[0] if len(rows) else np.nan
    below, above = rows["low"] < rows["smallest"], rows["high"].eq(np.inf)
    undecided = found == "undecided"
    return Claim(
        test="The batch size, in environment steps, above which a seed's gradient has a mean cosine to ∇J "
        f"of at least {usable:g} (the limit for a usable direction, fixed beforehand): its median over "
        f"separately trained policies, in {len(rows)} cases (environment and stage). A seed that does not "
        "get there, or whose ∇J is too noisy to judge, is censored, not dropped.",
        found=_found(rows, fewer, more),
        rule=f"Supported if the 95 % interval of the median lies within {FEWEST:,} to {MOST:,} steps in "
        f"every case; refuted if one lies outside at 5 % over all {len(rows)} cases together (Bonferroni).",
        quantity="lowest median batch with a usable direction"
        + (f" that is known: {lowest.name}" if known and lowest else ""),
        unit="environment steps",
        interval=lowest.interval if lowest else Interval.unknown(),
        n_counts="seeds",
        verdict=found,
        figure="P13",
        reason=_reason(rows.assign(name=names), fewer, more, found),
        lacks=lacking(
            (rows.empty, "no stage that a seed reached"),
            (
                undecided and bool((below & (rows["smallest"] >= FEWEST)).any()),
                f"no batch of fewer than {FEWEST:,} steps",
            ),
            (
                undecided and bool((above & (rows["largest"] < MOST)).any()),
                f"no batch of {MOST:,} steps or more, which some seeds may need",
            ),
        ),
        cases=cases,
    )


def _median(row: Any) -> Interval:
    """A median with its interval, or the bound that is known of it."""
    if row["usable_steps"] == row["smallest"]:
        return Interval.at_most(row["high"], row["n"], row["smallest"], low=row["low"])
    if row["at_least"]:
        return Interval.at_least(row["low"], row["n"], row["usable_steps"])
    return interval_of(row, "usable_steps")


def _found(rows: pd.DataFrame, fewer: pd.Series, more: pd.Series) -> str:
    if rows["usable_steps"].isna().all():
        return "Nothing was measured."
    between = int((~fewer & ~more).sum())
    return (
        f"Medians range from {_steps(rows.loc[rows['usable_steps'].idxmin()])} to "
        f"{_steps(rows.loc[rows['usable_steps'].idxmax()])} steps. Fewer than {FEWEST:,} are enough in "
        f"{fewer.sum()} of {len(rows)} cases; {between} may lie in the stated range."
    )


def _reason(rows: pd.DataFrame, fewer: pd.Series, more: pd.Series, found: str) -> str:
    if found == "supported" or rows.empty:
        return ""
    if found == "refuted" and fewer.any():
        each = "; ".join(f"{row['name']} {_steps(row)}" for row in rows[fewer].to_dict("records"))
        rest = "; ".join(f"{row['name']} {_steps(row)}" for row in rows[~fewer].to_dict("records"))
        return (
            f"Not in general: fewer than {FEWEST:,} steps are enough in {fewer.sum()} of {len(rows)} cases "
            f"({each})" + (f"; the others may need more ({rest})." if rest else ".")
        )
    if found == "refuted":
        row = rows[more].iloc[0]
        return f"{row['name']} takes {_steps(row)} steps."
    beyond = rows[(rows["low"] < FEWEST) | (rows["high"] >= MOST)]
    if beyond.empty:
        return ""
    row = beyond.iloc[0]
    return (
        f"On {row['name']} the interval, {_steps(row)} [{row['low']:,.0f}, {row['high']:,.0f}] steps, goes "
        f"beyond {FEWEST:,} to {MOST:,}."
    )


def _steps(row: Any) -> str:
    """A number of steps, or what is known of it."""
    if row["usable_steps"] == row["smallest"]:
        return f"at most {row['smallest']:,.0f}"
    return f"more than {row['usable_steps']:,.0f}" if row["at_least"] else f"{row['usable_steps']:,.0f}"
