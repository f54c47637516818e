"""An explanation in plain words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from pgpipe.explanation.asked import Asked
from pgpipe.explanation.explaining import Explained

# Where files have changed and Snakemake would do nothing.
UNSEEN = ": Snakemake has no notes of what was there before (.snakemake/metadata); --forcerun makes it anew."

# How many of a kind are named before "and 12 more".
SHOWN = 12


def in_words(
    asked: Asked, jobs: Sequence[Explained], seconds: Mapping[str, float | None], exists: bool
) -> Iterator[str]:
    """What the file depends on, what has changed since it was made, what would run."""
    yield f"{asked.name}: {asked.path}{'' if exists else ', not made yet'}"
    yield from _depends(asked, jobs)
    yield from _changed(jobs, exists)
    yield from _runs(jobs, seconds)


def _depends(asked: Asked, jobs: Sequence[Explained]) -> Iterator[str]:
    yield "\nIt depends on"
    if tables := asked.tables or _tables(jobs[-1:]):
        yield f"  tables  {_listed(tables)}"
    rules = Counter(each.job.rule for each in jobs)
    counted = [f"{rule} ({n})" if n > 1 else rule for rule, n in rules.items()]
    yield f"  jobs    {_listed(counted, len(counted))}"
    keys = sorted({key for each in jobs for key in each.keys})
    yield f"  config  {'; '.join(_families(keys)) or 'nothing'}"
    own = list(dict.fromkeys(path for each in reversed(jobs) for path in each.own))
    rest = {path for each in jobs for path in each.code} - set(own)
    yield f"  code    {_listed(own)}; {len(rest)} files that these import, requirements.lock among them"


def _families(keys: Sequence[str]) -> Iterator[str]:
    """Keys, those of one block together: `recipes: critic, gae`."""
    for family, inside in groupby(keys, lambda key: key.partition(".")[0]):
        names = [name for key in inside if (name := key.partition(".")[2])]
        yield f"{family}: {_listed(names)}" if names else family


def _tables(jobs: Iterable[Explained]) -> list[str]:
    inputs = (path for each in jobs for path in each.job.inputs)
    return [path.rpartition("/")[2].removesuffix(".csv") for path in inputs if path.endswith(".csv")]


def _changed(jobs: Sequence[Explained], exists: bool) -> Iterator[str]:
    """Each thing that has changed, with the jobs that see it."""
    seen: dict[str, list[str]] = {}
    for each in jobs:
        for cause in each.causes:
            if not cause.startswith(("made again: ", "not made yet: ")):
                seen.setdefault(cause, []).append(each.job.name)
    if seen:
        yield "\nChanged since it was made" if exists else "\nChanged since parts of it were made"
        yield from (f"  {cause}   ({_listed(names, 3)})" for cause, names in seen.items())
    elif exists and not any(each.job.runs for each in jobs):
        yield "\nNothing has changed since it was made."


def _runs(jobs: Sequence[Explained], seconds: Mapping[str, float | None]) -> Iterator[str]:
    running = [each for each in jobs if each.job.runs]
    if not running:
        unseen = any(each.causes for each in jobs)
        yield f"\nNothing would run{UNSEEN if unseen else '.'}"
        return
    known = [taken for each in running if (taken := seconds[each.job.name]) is not None]
    n = len(running)
    took = f"{sum(known):.1f} s one after the other, if they take what they took before"
    yield f"\nWould run: {n} job{'s' * (n > 1)}, {took}"
    yield from (f"  {_row(each, seconds[each.job.name])}" for each in running[-SHOWN:])
    if n > SHOWN:
        yield f"  and {n - SHOWN} before these"


def _row(each: Explained, seconds: float | None) -> str:
    taken = "      ?" if seconds is None else f"{seconds:5.1f} s"
    return f"{taken}  {each.job.name}: {each.causes[0] if each.causes else 'Snakemake alone knows why'}"


def _listed(names: Iterable[str], most: int = SHOWN) -> str:
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(names[:most]) or "nothing") + more
