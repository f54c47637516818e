"""numba's compiler, as this room uses it, and where it keeps what it has compiled."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryFile, gettempdir
from typing import Any

from pgpipe.compiler import ENGINE, PLAIN
from pgpipe.errors import UserError

try:
    import numba
    from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile, _CacheLocator
except ImportError as error:  # of another numpy, or with another cache, than it was written for
    raise UserError(
        f"found {ENGINE}, which cannot be used here ({error}); PGPIPE_ENGINE={PLAIN} does without"
    ) from None

LOG = logging.getLogger(__name__)

HERE = Path(__file__).resolve().parent
VERSIONS = ("llvmlite", "numba", "numpy")

# Bytes of room on the disk below which nothing is kept: the code takes two million.
ENOUGH = 50e6
# Bytes of the checksum that ends a file.
SEAL = 32

# A product may be added by one rounding, and the sign of zero is nobody's. Nothing else is taken lightly:
# sums keep their order, and what is no number stays none.
OPTIONS: dict[str, Any] = {"fastmath": {"contract", "nsz"}, "error_model": "numpy"}

inlined: Any = numba.njit(inline="always", **OPTIONS)


def compiled(function: Callable[..., Any]) -> Any:
    """The function, compiled when it is first called on this machine, and read from the disk from then on."""
    made: Any = numba.njit(**OPTIONS)(function)
    if folder() is not None:
        made._cache = Kept(function)
    return made


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


class _Kind(CompileResultCacheImpl):
    _locator_classes: list[type[object]] = [ByContent]  # noqa: RUF012  numba's own form


class Kept(FunctionCache):
    """What has been compiled of a function."""

    _impl_class = _Kind

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = FileForEach(str(folder()), self._impl.filename_base, content())


class FileForEach(IndexDataCacheFile):
    """A file for each signature, named by all that numba tells them apart by.

    numba's own are numbered, and an index says which is which. Of two processes that compile at once each may
    write its own index over the other's, and one would then run what was compiled for another signature.
    """

    def save(self, key: Any, data: Any) -> None:
        """Keep it, if there is room."""
        with suppress(OSError):
            self._save_data(self._name(key), data)

    def load(self, key: Any) -> Any:
        """What was kept; None if nothing was, or not all of it is there."""
        name = self._name(key)
        with suppress(OSError):
            found = Path(self._data_path(name)).read_bytes()
            if found[-SEAL:] == sha256(found[:-SEAL]).digest():
                return self._load_data(name)
        return None

    def _name(self, key: Any) -> str:
        return self._data_name(int(sha256(repr(key).encode()).hexdigest()[:16], 16))

    def _dump(self, obj: Any) -> bytes:
        """Its bytes, then their checksum, which whoever reads them passes over."""
        data = super()._dump(obj)
        return data + sha256(data).digest()


@cache
def content() -> str:
    """The checksum of all that the compiled code depends on. The processor is numba's own to look at."""
    parts = [file.read_bytes() for file in sorted(HERE.glob("*.py"))]
    parts += [metadata.version(name).encode() for name in VERSIONS]
    return sha256(b"\0".join(parts)).hexdigest()[:16]


@cache
def folder() -> Path | None:
    """`PGPIPE_CACHE`, or pgpipe in the user's cache folder, or else a folder among temporary files.

    None, which is said, where nobody can write to any of them, or others can.
    """
    for place in (_named, _of_the_user, _temporary):
        with suppress(OSError, RuntimeError):  # no home
            if _is_ours(found := place()):
                return found
    LOG.warning("nowhere to keep compiled code, so each process compiles for some 25 s: name a PGPIPE_CACHE")
    return None


def _named() -> Path:
    return Path(os.environ.get("PGPIPE_CACHE") or _of_the_user().parent).absolute() / content()


def _of_the_user() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "pgpipe" / content()


def _temporary() -> Path:
    return Path(gettempdir()) / f"pgpipe-{os.geteuid()}-{content()}"  # where nobody moves what is another's


def _is_ours(place: Path) -> bool:
    """Whether there is such a folder now, that we can write to, and nobody else, with room on the disk."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = place.stat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o022:  # others may have put code there
        return False
    with TemporaryFile(dir=place):
        return disk_usage(place).free > ENOUGH
