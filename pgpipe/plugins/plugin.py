"""Code of one's own: a package or a file, where it lies, and which of its files holds which module."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pgpipe.errors import UserError

# What lies in such a folder is installed: of that only the plugin's own package is somebody's.
INSTALLED = ("site-packages", "dist-packages")

# path: named by its path; installed: by the name of an installed package; mentioned: only in an environment's
# id or as a policy's module, so that nothing else in it counts.
Kind = Literal["path", "installed", "mentioned"]


class PluginError(UserError):
    """A plugin that cannot be used; its text says where it is named, what was found and what is allowed."""


@dataclass(frozen=True)
class Plugin:
    """A plugin as Python imports it, by `name`, from its file or folder `path`."""

    name: str
    path: Path
    kind: Kind = "path"
    where: str = field(default="plugins", compare=False)  # file and key that name it

    @property
    def root(self) -> Path:
        """The folder that it lies in, which its files' names are relative to: code is the same anywhere."""
        return self.path.parent

    @property
    def source(self) -> Path:
        """The file that runs when it is imported."""
        return self.path / "__init__.py" if self.path.suffix != ".py" else self.path

    def file_of(self, module: str) -> Path | None:
        """The file of a module of this plugin, or, unless that is where packages are installed, beside it."""
        own = module.partition(".")[0] == self.name
        return module_file(self.root, module) if own or self.root.name not in INSTALLED else None

    def module_of(self, path: Path) -> str:
        """The dotted name of one of its files."""
        parts = path.relative_to(self.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def files(self, kind: str) -> list[Path]:
        """The files of a folder in it, `baselines` or `figures`, that begin with no `_`."""
        return sorted((self.path / kind).glob("[!_]*.py"))

    def claims(self) -> list[Path]:
        """The files that may hold checks and claims: `claims.py` or those in `claims/`; a file itself."""
        if self.path.suffix == ".py":
            return [self.path]
        return [*self.files("claims"), *self.path.glob("claims.py")]


def module_file(root: Path, module: str) -> Path | None:
    """The file of a module that is looked for in a folder."""
    base = root.joinpath(*module.split("."))
    return next((p for p in (base.with_name(f"{base.name}.py"), base / "__init__.py") if p.is_file()), None)


def parents(module: str) -> Iterator[str]:
    """The packages that run before a module is imported."""
    parts = module.split(".")
    return (".".join(parts[:depth]) for depth in range(1, len(parts)))
