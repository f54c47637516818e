"""Files that are put in their place whole."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path


@contextmanager
def placed(path: str | Path) -> Iterator[Path]:
    """A path to write to, beside the one it stands for, whose place it takes at the end.

    Whoever looks finds all of the file, or what was there before.  What the system refuses is an `OSError`
    that names the path, after which nothing is left.
    """
    path = Path(path)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        yield new
        new.replace(path)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        new.unlink(missing_ok=True)


def not_older(paths: Iterable[str | Path], than: Iterable[str | Path]) -> None:
    """Give files that look older than others, of which they were made, the time of the latest.

    The clock was set back since, or another machine has another: Snakemake would end with the job.
    """
    latest = max((os.stat(path).st_mtime_ns for path in than), default=0)
    for path in paths:
        if os.stat(path).st_mtime_ns < latest:
            os.utime(path, ns=(latest, latest))


def remove_unplaced(path: str | Path) -> None:
    """Remove what those who were killed while they wrote a file have left beside it."""
    path = Path(path)
    for new in path.parent.glob(f".{escape(path.name)}.*.new"):
        new.unlink(missing_ok=True)
