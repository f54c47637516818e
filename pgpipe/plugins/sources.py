"""Which modules a file imports, and which files of plugins a file of a plugin."""

import ast
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pgpipe import home_of
from pgpipe.plugins.loaded import plugin_of
from pgpipe.plugins.plugin import Plugin, PluginError, parents


def imported_modules(
    tree: ast.Module, package: Sequence[str], is_module: Callable[[str], bool]
) -> Iterator[str]:
    """The modules that a file of a package takes something from, with relative imports written out.

    Of `from my_lab import tools` that is `my_lab.tools` if there is such a module: nothing of what
    `my_lab/__init__.py` imports is taken then. Else it is `my_lab`. What pgpipe itself gives is taken from
    the module that has it.
    """
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
            yield from (*named, *(["pgpipe.api"] if "pgpipe" in named else []))
        elif isinstance(node, ast.ImportFrom):
            # of `from ..tools` in my_lab/baselines/mine.py it is my_lab.tools
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *([node.module] if node.module else [])))
            for alias in node.names:
                submodule = f"{base}.{alias.name}"
                taken = submodule if is_module(submodule) else base
                yield home_of(alias.name) if taken == "pgpipe" else taken


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """All statements in a node, at any depth; expressions have none, and are most of a tree."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        inner = getattr(node, field, ())
        for child in inner if isinstance(inner, list) else ():
            if isinstance(child, ast.stmt):
                yield child
            yield from _statements(child)


def taken_by(path: Path, plugin: Plugin) -> Iterator[str]:
    """The same of a plugin's file.  Raises `PluginError` for what is not Python."""
    package = path.relative_to(plugin.root).parent.parts
    return imported_modules(
        parsed(path, plugin.where), package, lambda module: file_of(module, plugin) is not None
    )


def file_of(module: str, plugin: Plugin) -> Path | None:
    """The file of a module that a plugin's file names, in any plugin of this process."""
    return (plugin_of(module) or plugin).file_of(module)


def package_files(module: str, plugin: Plugin) -> list[Path]:
    """The `__init__.py` of the packages that a module lies in, which run before it."""
    return [file for name in parents(module) if (file := file_of(name, plugin))]


def parsed(path: Path, where: str) -> ast.Module:
    """A file's syntax tree.  Raises `PluginError` if it cannot be read."""
    try:
        return ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError, OSError) as error:
        raise PluginError(f"{where}: {path} cannot be read: {' '.join(str(error).split())}") from None
