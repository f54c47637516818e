"""Is somebody's policy one?  Asked in a process of its own, as this one imports no torch, and remembered."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from gymnasium import Space

from pgpipe.envs.apart import LostError, apart
from pgpipe.jobs.imports import plugin_files
from pgpipe.plugins.plugin import PluginError

# Those who judge: what they found before an edit of theirs is not believed.
JUDGES = Path(__file__).parents[1] / "policies"


@dataclass(frozen=True)
class Question:
    """A policy's spec and its spaces; the same as another one if all is that the answer depends on."""

    checksum: str
    spec: dict[str, Any] = field(compare=False)
    observed: Space[Any] = field(compare=False)
    acted: Space[Any] = field(compare=False)


def complaint(spec: dict[str, Any], observed: Space[Any], acted: Space[Any], folder: Path | None) -> str:
    """Why no job could use a policy, in one line; empty if every job can.

    It is asked again only if the policy's own files, its arguments or the spaces have changed; the `folder`
    is where that is remembered.
    """
    files = _files(spec["module"].partition(":")[0])
    question = Question(_checksum(spec, observed, acted, files), spec, observed, acted)
    note = folder / f"policy-{question.checksum}.txt" if folder else None
    if note and note.is_file():
        return note.read_text(encoding="utf-8")
    found = _asked(question)
    if note and files:  # else it may be there the next time
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(found, encoding="utf-8")
    return found


def _files(module: str) -> list[Path]:
    """Those of a module and of what it imports; none where it cannot be imported, which the answer says."""
    try:
        return list(plugin_files(module).values())
    except (FileNotFoundError, PluginError):
        return []


def _checksum(spec: dict[str, Any], observed: Space[Any], acted: Space[Any], files: list[Path]) -> str:
    """One of all that the answer depends on."""
    words = json.dumps([spec, str(observed), str(acted), *map(str, files)], sort_keys=True, default=str)
    sources = [source.read_bytes() for source in [*files, *sorted(JUDGES.glob("*.py"))]]
    return hashlib.sha256(words.encode() + b"".join(sources)).hexdigest()[:16]


@cache
def _asked(question: Question) -> str:
    """What the other process says; it finds modules where this one does."""
    try:
        return apart(_answer, question)
    except LostError as lost:
        return f"while it was tried, {lost}"


def _answer(question: Question) -> str:
    judge = import_module("pgpipe.policies.checked")  # imports torch
    return judge.complaint(question.spec, question.observed, question.acted) or ""
