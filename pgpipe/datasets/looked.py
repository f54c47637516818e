"""Can a study use a dataset?  Read once, in a process of its own, and remembered by its content."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from typing_extensions import TypedDict

from pgpipe.datasets.episodes import Format, missing_key, open_dataset, read_episodes
from pgpipe.datasets.places import NEEDED
from pgpipe.envs.apart import LostError, apart
from pgpipe.errors import UserError

# Seconds that the reading may take: Minari opens some hundreds of episodes a second.
PATIENCE = 1_800.0


class Look(TypedDict):
    """What the reading has shown."""

    problem: str | None  # why no study can use it
    key: str | None  # the key path of that below the dataset's, where it is one
    episodes: int
    recorded: bool  # it has the probabilities of its actions


def look(data: Path, content: str, wanted: Format, must: bool, least: int, notes: Path | None) -> Look:
    """What reading all episodes shows; from a file in the folder `notes` if that was done before.

    With `must` the probabilities have to be there; `least` is how many episodes are.
    """
    asked = json.dumps([content, str(wanted), must, least, [version(name) for name in NEEDED]])
    sources = b"".join(source.read_bytes() for source in sorted(Path(__file__).parent.glob("*.py")))
    key = hashlib.sha256(asked.encode() + sources).hexdigest()[:16]
    note = notes / f"dataset-{key}.json" if notes else None
    if note and note.is_file():
        return json.loads(note.read_text("utf-8"))
    try:
        found: Look = apart(_looked, data, wanted, must, least, patience=PATIENCE)
    except LostError as lost:
        return {"problem": f"while it was read, {lost}", "key": "path", "episodes": 0, "recorded": False}
    if note:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(found), encoding="utf-8")
    return found


def _looked(data: Path, wanted: Format, must: bool, least: int) -> Look:
    found: Look = {"problem": None, "key": "path", "episodes": 0, "recorded": False}
    try:
        open_dataset(data)
        for episode in read_episodes(data, wanted):
            found["episodes"] += 1
            found["recorded"] = episode.log_probs is not None
            if must and wanted.log_probs and not found["recorded"]:
                return {**found, "problem": missing_key(wanted.log_probs, data), "key": "log_probs"}
    except UserError as error:
        return {**found, "problem": str(error)}
    if found["episodes"] < least:
        n = found["episodes"]
        return {
            **found,
            "problem": f"found {n or 'no'} episode{'' if n == 1 else 's'}; allowed: at least {least}",
        }
    return found
