"""What lies in the folder, held against its records before the graph is built: contents count, not the clock.

Snakemake goes by times, which say little of a file that was edited, cut off or copied, or where the clock has
been set. Here each record gets the time of its file, once that was found to be as recorded; so what has
changed since is found without reading the rest:

- A file that changed since it was made, or was made from another input than there is now, is made again.
- An input that looks newer than what was made from it, but is the same, gets the time of that.
- Nothing is from the future.

What comes from Snakemake's cache between runs is a link: the content is other runs', too, whose time stays.
"""

import json
import os
import shutil
import time
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pgpipe.jobs.imports import sha256
from pgpipe.jobs.provenance import RECORDS, set_time

# Snakemake's list of files that a job did not finish, which it makes again: their names, encoded.
UNFINISHED = Path(".snakemake/incomplete")
# What it knows of each file's job, by the same names; without it no change of a parameter is seen.
NOTES = Path(".snakemake/metadata")
ASIDE = Path(".snakemake/pgpipe/changed")


@dataclass(frozen=True)
class Made:
    """A file that is there, and what its record says of it."""

    time: int  # of its last change, in ns; of a link the later one of its own and its target's
    sha256: str
    inputs: Mapping[str, str]  # their checksums, as its job read them


def settle() -> list[str]:
    """Have Snakemake make again what is not what its record says; one line for each such file."""
    made: dict[str, Made] = {}
    wrong: dict[str, str] = {}
    for record in RECORDS.rglob("*.json"):
        path = str(record.relative_to(RECORDS)).removesuffix(".json")
        if os.path.isfile(path):
            found = _read(path, record)
            if not isinstance(found, Made):
                wrong[path] = found
            elif _is_torn(_encoded(NOTES, path)):
                wrong[path] = "Snakemake's note of it is torn"
            else:
                made[path] = found
    wrong |= stale(made)
    for path, moment in earlier(made, time.time_ns()).items():
        set_time(path, moment)
    for path in wrong:
        _mark(path)
    return [f"{path}: {why}; made again where it is needed" for path, why in sorted(wrong.items())]


def stale(made: Mapping[str, Made]) -> dict[str, str]:
    """Files from another input than there is now, although they look newer: the clock was set back."""
    return {
        path: f"was made from another {name} than there is now, though it looks newer"
        for path, file in made.items()
        for name, checksum in file.inputs.items()
        if name in made and made[name].sha256 != checksum and made[name].time <= file.time
    }


def earlier(made: Mapping[str, Made], now: int) -> dict[str, int]:
    """New times of files that look newer than now, or than what was made from them, as they are."""
    followers = defaultdict(list)
    for path, file in made.items():
        for name, checksum in file.inputs.items():
            if name in made and made[name].sha256 == checksum:
                followers[name].append(path)

    @cache
    def settled(path: str) -> int:
        return min(made[path].time, now, *map(settled, followers[path]))

    return {path: moment for path in made if (moment := settled(path)) < made[path].time}


def _read(path: str, record: Path) -> Made | str:
    """What is known of a file, or what is wrong with it; it is read only if its time is not its record's."""
    try:
        known = json.loads(record.read_text("utf-8"))
        checksum, inputs = known["sha256"], known.get("inputs", {})
    except (ValueError, KeyError, TypeError):
        return "its record cannot be read"
    changed = max(os.stat(path).st_mtime_ns, os.lstat(path).st_mtime_ns)
    if changed != record.lstat().st_mtime_ns:
        if sha256(path) != checksum:
            return "changed since it was made"
        set_time(path, changed)
    return Made(changed, checksum, inputs)


def _mark(path: str) -> None:
    """Put a file among those that no job has finished, and a copy of it aside."""
    mark, aside = _encoded(UNFINISHED, path), ASIDE / path
    with suppress(OSError):  # no room, or read-only: who runs anything hears of that
        for place in (mark, aside):
            place.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text('{"external_jobid": null}')
        shutil.copyfile(path, aside)


def _encoded(folder: Path, path: str) -> Path:
    """Where Snakemake keeps what it has to say of a file: no name is too long for the file system."""
    length = os.pathconf(".", "PC_NAME_MAX") - 1
    name = urlsafe_b64encode(path.encode()).decode()
    *folders, last = [name[start : start + length] for start in range(0, len(name), length)]
    return folder.joinpath(*(f"@{part}" for part in folders), last)


def _is_torn(note: Path) -> bool:
    """Whether a JSON object was not written to its end: the disk was full."""
    try:
        return not note.read_bytes().endswith(b"}")
    except OSError:
        return False  # none is no torn one
