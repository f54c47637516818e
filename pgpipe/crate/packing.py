"""The crate as one file: its metadata, the report, the workflow with its code, and the config of the run."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from pgpipe.crate.entities import crate_metadata
from pgpipe.crate.run import Run, read_run
from pgpipe.crate.vocabulary import CONFIG, FILES, FOLDERS
from pgpipe.jobs.imports import ROOT

# What every file in the archive says of its age: the earliest that there is.
NO_DAY = (1980, 1, 1, 0, 0, 0)


def write_crate(folder: Path, crate: Path, agent: Mapping[str, str]) -> None:
    """Pack the run in a folder.  The same run gives the same bytes.  Raises `CrateError`."""
    run = read_run(folder)
    about = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    beside = crate.with_name(f"{crate.name}.part")
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _contents(run, folder, crate_metadata(run, about, agent)):
            archive.writestr(zipfile.ZipInfo(name, NO_DAY), content, zipfile.ZIP_DEFLATED)
    beside.replace(crate)


def _contents(run: Run, folder: Path, metadata: bytes) -> Iterator[tuple[str, bytes]]:
    yield "ro-crate-metadata.json", metadata
    yield CONFIG, _as_json(run.made["config"])
    yield from ((path, (ROOT / path).read_bytes()) for path in [*FILES, *_code()])
    yield from ((path, (folder / path).read_bytes()) for path in run.packed)


def _code() -> list[str]:
    found = (path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.is_file())
    names = (path.relative_to(ROOT) for path in found)
    return sorted(
        path.as_posix() for path in names if "__pycache__" not in path.parts and not path.name.startswith(".")
    )


def _as_json(values: Any) -> bytes:
    return (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode()
