"""Which files of this project, and of plugins, a job depends on, import by import, and what is in them."""

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from pgpipe.compiler import ENGINE
from pgpipe.plugins.loaded import LOADED, REGISTRARS, plugin_of
from pgpipe.plugins.plugin import Plugin, module_file, parents
from pgpipe.plugins.sources import file_of, imported_modules, package_files, taken_by

ROOT = Path(__file__).resolve().parents[2]

# What every job depends on: the script that runs it, and the versions that are installed.
EVERY_JOB = ("workflow/run.py", "requirements.lock")

# The code that computes only where there is a compiler for it.
COMPILED = "pgpipe/fused/"

# What stands before an environment's id where it is an entry.
REGISTRATION = "gymnasium:"

# An import as the formatter writes it: a line that begins with it, and what follows in parentheses.
IMPORT = re.compile(r"^[ \t]*((?:from|import)\s[^\n(]*(?:\([^)]*\))?)", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """A file, and the plugin that it is of; None: of this project."""

    path: Path
    plugin: Plugin | None = None

    @cached_property
    def name(self) -> str:
        """Its path in the checkout, or from the folder that the plugin lies in."""
        return self.path.relative_to(self.plugin.root if self.plugin else ROOT).as_posix()


def code_of(*entries: str) -> list[str]:
    """The files, of this project and of plugins, that the entries import over any number of steps, and they.

    An entry is a module (`pgpipe.rollout`, or a plugin's, `my_lab.nets`), a file by its path
    (`pgpipe/lecture/line/text.md`), or a plugin's environment by its id (`gymnasium:Lab/Grid-v0`). Imports
    are found with `ast`, nothing is run. Paths are relative to the checkout, or to the folder that the plugin
    lies in, and sorted.  Raises `FileNotFoundError` for an entry that is none of these, `PluginError` for a
    plugin's file that is not Python.
    """
    return sorted({source.name for source in _sources(*entries)})


def plugins_of(*entries: str) -> list[str]:
    """The plugins of this process that a job with these entries uses, in the config's order."""
    if not LOADED:
        return []
    used = {source.plugin.name for source in _sources(*entries) if source.plugin}
    for id in _ids(entries):
        used |= {id.partition(":")[0].partition(".")[0], REGISTRARS.get(id.rpartition(":")[2], "")}
    return [name for name in LOADED if name in used]


def plugin_files(*entries: str) -> dict[str, Path]:
    """The files of plugins behind the entries, each by the module that it is."""
    pairs = ((source.plugin, source.path) for source in _sources(*entries) if source.plugin)
    return {plugin.module_of(path): path for plugin, path in pairs}


def checksums(*entries: str) -> dict[str, str]:
    """The start of the SHA-256 of each file that a job with these entries depends on, by its path.

    Of an environment there is its registration as well, and which engine computes where there are two.
    """
    files = {source.name: _checksum(source.path) for source in _sources(*EVERY_JOB, *entries)}
    if any(name.startswith(COMPILED) for name in files):
        files["engine"] = ENGINE
    return dict(sorted(files.items())) | {f"{REGISTRATION}{id}": _registration(id) for id in _ids(entries)}


@cache
def digest(*entries: str) -> str:
    """One checksum of all of them, which changes with any of them."""
    lines = (f"{path} {checksum}\n" for path, checksum in checksums(*entries).items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def sha256(path: str | Path) -> str:
    """The checksum of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_own_environment(id: str) -> bool:
    """Whether an environment is a plugin's, or comes from a module that its id names."""
    from pgpipe.plugins.registered import modules_behind, registered

    if not LOADED:
        return False
    module, _, name = id.rpartition(":")
    if plugin_of(module) or REGISTRARS.get(name) in LOADED:
        return True
    return any(plugin_of(behind) for behind in modules_behind(registered(id)))


def _sources(*entries: str) -> set[Source]:
    """All files behind the entries."""
    pairs = (pair for entry in entries for pair in _entry_sources(entry))
    return set().union(*(_behind(*pair) for pair in pairs))


@cache
def _behind(start: Source, followed: bool) -> frozenset[Source]:
    """A file, and if it is followed all that it imports over any number of steps.

    Of a plugin's packages the `__init__.py` counts, as it runs first, but what it imports does only if
    something is taken from it: it may import all environments of a plugin to register them, and a baseline
    beside them has nothing to do with them.
    """
    found: dict[Source, bool] = {}
    waiting = [(start, followed)]
    while waiting:
        source, followed = waiting.pop()
        if found.get(source, False) < followed or source not in found:
            found[source] = followed
            if followed:
                waiting.extend(_imports(source))
    return frozenset(found)


@cache
def _own_file(module: str) -> Path | None:
    """The file of a module of this project: most are asked for by dozens of files."""
    return module_file(ROOT, module)


@cache
def _checksum(path: Path) -> str:
    return sha256(path)[:16]


def _ids(entries: Iterable[str]) -> list[str]:
    return sorted({e.removeprefix(REGISTRATION) for e in entries if e.startswith(REGISTRATION)})


def _registration(id: str) -> str:
    """The checksum of what Gymnasium knows of an environment."""
    from pgpipe.plugins.registered import described, registered

    return hashlib.sha256(described(registered(id)).encode()).hexdigest()[:16]


def _entry_sources(entry: str) -> Iterator[tuple[Source, bool]]:
    """The files that an entry names, and whether what they import counts, too."""
    if entry.startswith(REGISTRATION):
        from pgpipe.plugins.registered import modules_behind, registered

        for module in modules_behind(registered(entry.removeprefix(REGISTRATION))):
            if plugin := plugin_of(module):
                yield from _module_sources(module, plugin)
    elif (ROOT / entry).is_file():
        yield Source(ROOT / entry), True
    elif (plugin := plugin_of(entry)) and plugin.file_of(entry):
        yield from _module_sources(entry, plugin)
    elif file := _own_file(entry):
        yield Source(file), True
    else:
        raise FileNotFoundError(f"'{entry}' is neither a module nor a file of this project")


def _module_sources(module: str, plugin: Plugin) -> Iterator[tuple[Source, bool]]:
    """The file of a module that a plugin's file names, and of its packages; none if it is nobody's own."""
    if module.partition(".")[0] == "pgpipe":
        for name in (*parents(module), module):
            if file := _own_file(name):
                yield Source(file), True
        return
    owner = plugin_of(module) or plugin
    if file := file_of(module, plugin):
        yield Source(file, owner), True
    for package in package_files(module, plugin):
        yield Source(package, owner), False


def import_statements(text: str) -> ast.Module:
    """The imports of a file of ours, and of examples in its docstrings: the rest takes long to parse."""
    try:
        return ast.parse("\n".join(IMPORT.findall(text)))
    except SyntaxError:  # a sentence that begins like an import
        return ast.parse(text)


@cache
def _imports(source: Source) -> tuple[tuple[Source, bool], ...]:
    """The files that one file imports; a module's packages run first, so they count too."""
    if source.path.suffix != ".py":
        return ()
    if plugin := source.plugin:
        names = [plugin.module_of(source.path), *taken_by(source.path, plugin)]
        return tuple(pair for name in dict.fromkeys(names) for pair in _module_sources(name, plugin))
    tree = import_statements(source.path.read_text(encoding="utf-8"))
    package = source.path.relative_to(ROOT).parent.parts
    named = set(imported_modules(tree, package, lambda module: _own_file(module) is not None))
    if source.path.is_relative_to(ROOT / "pgpipe"):
        named.add(".".join(source.path.relative_to(ROOT).with_suffix("").parts))
    every = {part for name in named for part in (*parents(name), name)}
    files = (_own_file(name) for name in sorted(every) if name.split(".")[0] == "pgpipe")
    return tuple((Source(file), True) for file in files if file is not None)
