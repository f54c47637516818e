"""The two parts of a statement about the line: walks that start near the goal, and walks that start far off.

The lecture names no start. Its picture is that of m₀ → 0, the variance of the start; its example has m₀ of
order one. A statement without a condition holds if it holds in both, and the claims say which part does.
"""

from collections.abc import Sequence

import pandas as pd

from pgpipe.lecture.common.evidence import Case, Verdict, verdict

NEAR, FAR, BETWEEN = "m₀ → 0", "m₀ of order one", "between"
# √m₀ from which on the start is of the order of one.
ORDER_ONE = 0.3


def with_parts(table: pd.DataFrame, near: float) -> pd.DataFrame:
    """The rows with their part, from the largest m₀ down.

    Near are those of the least √m₀ if it is `near` or less, far those of the largest if it is ORDER_ONE
    or more.
    """
    start = table["start_std"]
    least, most = start.min(), start.max()
    part = pd.Series(BETWEEN, index=table.index)
    part[(start == least) & (least <= near)] = NEAR
    part[(start == most) & (most >= ORDER_ONE)] = FAR
    return table.assign(part=part).sort_values("start_std", ascending=False, kind="stable")


def case_name(part: str, start_std: float, what: str) -> str:
    """As it stands in the table of cases."""
    return f"{part} (m₀ = {start_std**2:.1g}): {what}"


def of_part(cases: Sequence[Case], part: str) -> list[Case]:
    """The cases of one part."""
    return [case for case in cases if case.name.startswith(f"{part} (")]


def parts_for(cases: Sequence[Case]) -> str:
    """The parts all of whose cases are for the statement, in words; empty if there is none."""
    own = {part: of_part(cases, part) for part in (NEAR, FAR)}
    return " and ".join(part for part, cases in own.items() if cases and all(c.says == "for" for c in cases))


def verdict_of(cases: Sequence[Case]) -> Verdict:
    """Supported if both parts' cases are all for it; refuted if one of them is against it."""
    near, far = of_part(cases, NEAR), of_part(cases, FAR)
    return verdict(
        supported=bool(near and far) and all(case.says == "for" for case in near + far),
        refuted=any(case.says == "against" for case in near + far),
    )


def missing(table: pd.DataFrame, near: str) -> str:
    """Which part the config's spreads of the start leave out; `near` says what would be near."""
    wanted = {NEAR: near, FAR: f"{ORDER_ONE:g} or more"}
    absent = [f"{wanted[part]} ({part})" for part in (NEAR, FAR) if part not in set(table["part"])]
    return f"line_study.shape_start_stds has no spread {' or '.join(absent)}" if absent else ""
