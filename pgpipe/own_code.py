"""The files of somebody's module: where Python finds it, and what it imports from beside it. None is run."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path

# How the entry of a job's code begins that is somebody's own module: `own:my_lab.nets`.
OWN = "own:"

# What lies in such a folder is installed: of that only the module's own package is somebody's.
INSTALLED = ("site-packages", "dist-packages")


def own_files(module: str) -> dict[str, Path]:
    """A module's file and those it imports from the folder that holds its package, by module name.

    Empty if Python finds no such module. Relative imports count, and so does every package above a module.
    """
    found: dict[str, Path] = {}
    root = _root(module)
    waiting = [] if root is None else [module]
    while waiting:
        name = waiting.pop()
        if name in found or (path := file_of(name)) is None or not _belongs(path, root, module, name):
            continue
        found[name] = path
        waiting += [".".join(name.split(".")[:depth]) for depth in range(1, name.count(".") + 1)]
        waiting += imported_names(path, name)
    return dict(sorted(found.items()))


@cache
def file_of(module: str) -> Path | None:
    """The source file of a module, by Python's path; None if there is none."""
    top, *rest = module.split(".")
    try:
        spec: ModuleSpec | None = find_spec(top)  # one that has a parent would be imported
    except (ImportError, ValueError):
        return None
    name = top
    for part in rest:
        name = f"{name}.{part}"
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = PathFinder.find_spec(name, list(spec.submodule_search_locations))
    origin = spec.origin if spec else None
    return Path(origin).resolve() if origin and origin.endswith(".py") else None


def imported_names(path: Path, module: str) -> Iterator[str]:
    """The modules that a file may import: what it names, and what it takes from them."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):  # whoever imports it is told
        return
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            if base:
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)


def as_path(module: str, path: Path) -> str:
    """A module's file as seen from the folder that holds its package: `my_lab/nets.py`."""
    return "/".join(
        [*module.split("."), path.name] if path.name == "__init__.py" else [f"{module.replace('.', '/')}.py"]
    )


def _root(module: str) -> Path | None:
    """The folder in which Python finds the module's outermost package."""
    path = file_of(module)
    if path is None:
        return None
    return path.parents[module.count(".") + (path.name == "__init__.py")]


def _belongs(path: Path, root: Path | None, module: str, name: str) -> bool:
    """Whether a file is somebody's own, as the module is."""
    if root is None or not path.is_relative_to(root) or name in sys.builtin_module_names:
        return False
    return root.name not in INSTALLED or name.split(".")[0] == module.split(".")[0]
