"""What RO-Crate calls things, and what things are called in a crate."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

PROFILES = {
    "Process Run Crate": "https://w3id.org/ro/wfrun/process/0.5",
    "Workflow Run Crate": "https://w3id.org/ro/wfrun/workflow/0.5",
    "Provenance Run Crate": "https://w3id.org/ro/wfrun/provenance/0.5",
    "Workflow RO-Crate": "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
}
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
COMPLETED = "http://schema.org/CompletedActionStatus"
SNAKEMAKE, PYTHON, PYPI = "https://snakemake.github.io", "https://www.python.org", "https://pypi.org/project"
TERMS = "https://w3id.org/ro/terms/workflow-run/context"

WORKFLOW, LOCK, CONFIG = "Snakefile", "requirements.lock", "run-config.json"

# The workflow and the package, as somebody needs them to run it again.
FILES = (WORKFLOW, LOCK, "config.yaml", "pyproject.toml", "Makefile", "README.md", "LICENSE", "CITATION.cff")
FOLDERS = ("pgpipe", "snakemake_logger_plugin_pgpipe", "workflow", "profiles")

FORMATS = {
    "LICENSE": "text/plain", "Makefile": "text/plain", "Snakefile": "text/plain", "cff": "application/yaml",
    "csv": "text/csv", "html": "text/html", "json": "application/json",
    "lock": "text/plain", "md": "text/markdown", "pdf": "application/pdf",
    "png": "image/png", "svg": "image/svg+xml", "toml": "application/toml", "yaml": "application/yaml",
}  # fmt: skip


def by_name(named: Iterable[Mapping[str, Sequence[str]]]) -> dict[str, list[str]]:
    """The files of many jobs' inputs or outputs, by the name that they have there."""
    found: dict[str, dict[str, None]] = {}
    for each in named:
        for name, paths in each.items():
            found.setdefault(name, {}).update(dict.fromkeys(paths))
    return {name: list(paths) for name, paths in found.items()}


def is_entity(value: Any) -> bool:
    """Whether it is an entity of a crate, or a list of some."""
    return hasattr(value, "id") or (isinstance(value, list) and any(hasattr(each, "id") for each in value))


def step_id(rule: str, function: str) -> str:
    """Of a rule and what it calls."""
    return f"{WORKFLOW}#" + quote(f"{rule}:{function.partition(':')[2]}")


def format_of(path: str) -> dict[str, str]:
    """The property that says of which kind a file is."""
    found = FORMATS.get(path.rpartition(".")[2])
    return {"encodingFormat": found} if found else {}


def singled(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A list of one is written as that one."""
    return {
        key: value[0] if isinstance(value, list) and len(value) == 1 and key != "@graph" else value
        for key, value in properties.items()
    }
