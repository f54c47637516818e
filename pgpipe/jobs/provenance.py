"""Where every file comes from: the record that a job leaves of each file it writes."""

import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np
from typing_extensions import TypedDict

from pgpipe.jobs.imports import ROOT, checksums, sha256
from pgpipe.jobs.placing import placed
from pgpipe.plugins.loading import places

# A job leaves one record for each file it writes, under the same path in here.
RECORDS = Path("results/provenance")

CPUINFO = Path("/proc/cpuinfo")


class ManifestSpec(TypedDict):
    """The whole config, and the files that no two runs share: patterns of their paths, and why."""

    config: dict[str, Any]
    exempt: dict[str, str]


def write_records(job: Mapping[str, Any], inputs: Mapping[str, str]) -> None:
    """Leave a record of each output of a job: its checksum, the inputs', the job, and the code behind it."""
    code = checksums(job["function"].partition(":")[0], *job["uses"])
    for output in job["outputs"].values():
        made = {"path": output, "sha256": sha256(output), "inputs": inputs, "job": job, "code": code}
        record = RECORDS / f"{output}.json"
        record.parent.mkdir(parents=True, exist_ok=True)
        made |= {"places": places()} if "plugins" in job else {}  # for who runs the job again
        with placed(record) as new:
            new.write_text(json.dumps(made))  # in the order in which the job met them


def read_record(path: str) -> dict[str, Any] | None:
    """What is recorded of a file; None if nothing is, or nothing that can be read."""
    try:
        return json.loads((RECORDS / f"{path}.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def set_time(path: str, moment: int) -> None:
    """Give a file and its record the same time of change, in ns; a link to a later one becomes a copy."""
    with suppress(OSError):  # somebody else's, or read-only
        if os.stat(path).st_mtime_ns > moment and os.path.islink(path):
            with placed(path) as new:
                copyfile(path, new)
        for file in (path, RECORDS / f"{path}.json"):
            os.utime(file, ns=(moment, moment), follow_symlinks=False)


def write_manifest(spec: ManifestSpec, pages: list[Path], pictures: list[Path]) -> dict[str, Any]:
    """The records of everything that the report was made from, and the machine and versions of this run."""
    python = {"python": platform.python_version()}
    made = {"versions": python | versions(), "threads": 1, **machine(), "config": spec["config"]}
    files = gather_records(map(str, [*pages, *pictures]))
    return {"made": made, "exempt": spec["exempt"], "files": files}


def gather_records(paths: Iterable[str]) -> list[dict[str, Any]]:
    """One row for each of the files `paths` and everything they were made from, sorted by path.

    Raises `FileNotFoundError` naming the file without a record, and how to get one.
    """
    rows: dict[str, dict[str, Any]] = {}
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path not in rows:
            rows[path] = _row(path)
            waiting.extend(rows[path]["inputs"])
    return [rows[path] for path in sorted(rows)]


def _row(path: str) -> dict[str, Any]:
    """A row of the manifest, from a file's record."""
    record = RECORDS / f"{path}.json"
    if not record.is_file():
        raise FileNotFoundError(f"no record of {path} under {RECORDS}; run `snakemake --forcerun {path}`")
    made = json.loads(record.read_text("utf-8"))
    job = made["job"]
    named = (paths if isinstance(paths, list) else [paths] for paths in job["inputs"].values())
    return {
        "path": path,
        "sha256": made["sha256"],
        "rule": job["rule"],
        "function": job["function"],
        "spec": job["spec"],
        "inputs": sorted(path for paths in named for path in paths),
        "code": made["code"],
        "log": job["log"],
    }


def versions() -> dict[str, str]:
    """The installed versions of the packages that the lock file names."""
    names = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    found = {}
    for name in names:
        with suppress(metadata.PackageNotFoundError):  # some belong to other systems than this one
            found[name.lower()] = metadata.version(name)
    return found


def machine() -> dict[str, str]:
    """What numbers may depend on of this machine: system, processor, the instructions that are used."""
    name = platform.processor() or platform.machine()
    with suppress(OSError):  # Linux says more
        name = dict(re.findall(r"^(model name)\s*:\s*(.+)$", CPUINFO.read_text(), re.MULTILINE)).get(
            "model name", name
        )
    extensions = np.show_config(mode="dicts")["SIMD Extensions"]
    instructions = ([*extensions["baseline"], *extensions.get("found", [])] or ["none"])[-1]
    return {"platform": platform.platform(), "cpu": name, "instructions": instructions}
