"""Files that are put in their place whole."""

import os
from collections.abc import Iterator
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


def remove_unplaced(path: str | Path) -> None:
    """Remove what those who were killed while they wrote a file have left beside it."""
    path = Path(path)
    for new in path.parent.glob(f".{escape(path.name)}.*.new"):
        new.unlink(missing_ok=True)
