"""From what a config calls a plugin to the file or folder that it is."""

import re
import sys
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

from pgpipe.nearest import nearest_name
from pgpipe.plugins.plugin import Kind, Plugin, PluginError

ALLOWED = "Allowed: a file .py, a folder with __init__.py, the name of an installed package"

LONGEST = 250  # bytes of a file's name, an ending aside

# Names of this project's own top folders, and of what a run cannot do without.
TAKEN = frozenset({"pgpipe", "workflow", "snakemake_logger_plugin_pgpipe", *sys.stdlib_module_names})


def find_plugin(text: str, folder: Path, where: str = "plugins") -> Plugin:
    """The plugin that a config file in this folder calls `text`: a path from there, or an installed name.

    Raises `PluginError`.
    """
    if any(len(part.encode("utf-8", "replace")) > LONGEST for part in Path(text).parts):
        raise PluginError(f"{where}: found '{text[:40]}…', a name too long for any file. {ALLOWED}")
    as_path = re.search(r"[/\\]|^[.~]|\.py$", text)
    return _by_path(text, folder, where) if as_path else _installed(text, folder, where)


def module_place(name: str) -> Path | None:
    """Where an installed package, or a module on Python's path, lies; None if there is none of this name."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    return _place(spec) if spec else None


def mentioned(module: str, where: str) -> Plugin | None:
    """The package of a module that the config mentions; None if it is none of one's own."""
    top = module.partition(".")[0]
    if top in TAKEN or top == "gymnasium" or not top.isidentifier() or (place := module_place(top)) is None:
        return None
    return Plugin(top, place, "mentioned", where)


def _by_path(text: str, folder: Path, where: str) -> Plugin:
    path = (folder / Path(text).expanduser()).resolve()
    if path.is_dir() and not (path / "__init__.py").is_file():
        raise PluginError(f"{where}: found '{text}', a folder without __init__.py. {ALLOWED}")
    if not path.exists() or (path.is_file() and path.suffix != ".py"):
        there = {p.name for p in path.parent.glob("*.py")} | {
            p.parent.name for p in path.parent.glob("*/__init__.py")
        }
        near = nearest_name(path.name, sorted(there))
        raise PluginError(f"{where}: found '{text}', which is no plugin at {path}{near} {ALLOWED}")
    return _named(path.stem if path.is_file() else path.name, path, "path", text, where)


def _installed(text: str, folder: Path, where: str) -> Plugin:
    place = module_place(text) if text.isidentifier() else None
    if place is None:
        beside = [f"./{p}" for p in (text, f"{text}.py") if (folder / p).exists()]
        names = packages_distributions() if not beside else []
        near = f"; did you mean '{beside[0]}'?" if beside else nearest_name(text, names)
        raise PluginError(f"{where}: found '{text}', which is not installed{near} {ALLOWED}")
    return _named(text, place, "installed", text, where)


def _named(name: str, path: Path, kind: Kind, text: str, where: str) -> Plugin:
    """The plugin, if Python can import it by this name without mistaking it for something else."""
    if not name.isidentifier():
        raise PluginError(
            f"{where}: found '{text}'; allowed: a name of letters, digits and _, as Python imports it"
        )
    taken = "Python or pgpipe" if name in TAKEN else ""
    if kind == "path" and not taken and (other := module_place(name)) not in (None, path):
        taken = str(other)
    if taken:
        raise PluginError(f"{where}: found '{text}', whose name {taken} has already; allowed: another name")
    return Plugin(name, path, kind, f"{where}: '{text}'")


def _place(spec: ModuleSpec) -> Path | None:
    """The folder of a package, the file of a module."""
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.has_location and spec.origin else None
