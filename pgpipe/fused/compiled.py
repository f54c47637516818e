"""numba's compiler, as this room uses it, and where it keeps what it has compiled."""

import os
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryFile
from typing import Any

import numba
from numba.core.caching import _CacheLocator

HERE = Path(__file__).resolve().parent
VERSIONS = ("llvmlite", "numba", "numpy")

# Bytes of room on the disk below which nothing is kept: the code takes two million.
ENOUGH = 50e6

# A product may be added by one rounding, and the sign of zero is nobody's. Nothing else is taken lightly:
# sums keep their order, and what is no number stays none.
OPTIONS: dict[str, Any] = {"fastmath": {"contract", "nsz"}, "error_model": "numpy"}

inlined: Any = numba.njit(inline="always", **OPTIONS)


def compiled(function: Callable[..., Any]) -> Any:
    """The function, compiled when it is first called on this machine, and read from the disk from then on."""
    if folder() is None:
        return numba.njit(**OPTIONS)(function)
    settings: Any = numba.config
    before = settings.CACHE_LOCATOR_CLASSES
    settings.CACHE_LOCATOR_CLASSES = f"{__name__}.{ByContent.__name__}"
    try:
        return numba.njit(cache=True, **OPTIONS)(function)
    finally:
        settings.CACHE_LOCATOR_CLASSES = before


class ByContent(_CacheLocator):
    """One folder for each content of all files that the code is made of.

    numba's own are by path and time of a function's file, and do not see that another has changed, whose
    functions it calls.
    """

    def __init__(self, line: int) -> None:
        self.line = line

    def get_cache_path(self) -> str:
        """The folder."""
        return str(folder())

    def get_source_stamp(self) -> str:
        """The same for all that is in the folder."""
        return content()

    def get_disambiguator(self) -> str:
        """A function's first line."""
        return str(self.line)

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> "ByContent":
        """That of any function here."""
        return cls(py_func.__code__.co_firstlineno)


@cache
def content() -> str:
    """The checksum of all that the compiled code depends on. The processor is numba's own to look at."""
    parts = [file.read_bytes() for file in sorted(HERE.glob("*.py"))]
    parts += [metadata.version(name).encode() for name in VERSIONS]
    return sha256(b"\0".join(parts)).hexdigest()[:16]


@cache
def folder() -> Path | None:
    """`PGPIPE_CACHE`, or pgpipe in the user's cache folder; None where nothing can be written there."""
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pgpipe"
        place = Path(os.environ.get("PGPIPE_CACHE") or home).absolute() / content()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=place):
            return place if disk_usage(place).free > ENOUGH else None
    except (OSError, RuntimeError):  # no home
        return None
