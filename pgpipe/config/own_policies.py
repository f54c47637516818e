"""Is somebody's policy one?  Asked in a process of its own, as this one imports no torch, and remembered."""

import hashlib
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from gymnasium import Space

from pgpipe.described import described
from pgpipe.own_code import own_files

# Those who judge: what they found before an edit of theirs is not believed.
JUDGES = Path(__file__).parents[1] / "policies"


def complaint(spec: dict[str, Any], observed: Space[Any], acted: Space[Any], folder: Path | None) -> str:
    """Why no job could use a policy, in one line; empty if every job can.

    It is asked again only if the policy's own files, its arguments or the spaces have changed; the `folder`
    is where that is remembered.
    """
    module = spec["module"].partition(":")[0]
    key = _key(spec, str(observed), str(acted), tuple(map(str, own_files(module).values())))
    note = folder / f"policy-{key}.txt" if folder else None
    if note and note.is_file():
        return note.read_text(encoding="utf-8")
    found = _asked(json.dumps([spec, described(observed), described(acted)]).encode())
    if note and own_files(module):  # a module that is missing may be there the next time
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(found, encoding="utf-8")
    return found


def _key(spec: dict[str, Any], observed: str, acted: str, files: tuple[str, ...]) -> str:
    """A checksum of all that the answer depends on."""
    words = json.dumps([spec, observed, acted, files], sort_keys=True, default=str).encode()
    sources = [*map(Path, files), *sorted(JUDGES.glob("*.py"))]
    return hashlib.sha256(words + b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]


@cache
def _asked(question: bytes) -> str:
    """What the other process says; it finds modules where this one does."""
    path = {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    command = [sys.executable, "-m", "pgpipe.policies.checked"]
    answer = subprocess.run(command, input=question, capture_output=True, check=False, env=os.environ | path)
    if answer.returncode == 0:
        return answer.stdout.decode()
    last = answer.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    return f"Python ended with status {answer.returncode} when it was tried{': ' if last else ''}{last}"
