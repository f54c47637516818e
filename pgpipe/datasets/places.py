"""Where a Minari dataset lies: a folder, or a name among the local ones. Nothing is downloaded."""

import hashlib
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pgpipe.errors import UserError
from pgpipe.nearest import nearest_name

# The file by which Minari knows the folder of a dataset's data.
METADATA = "metadata.json"

# Where jobs find a dataset by the checksum of its files: a link for each, beside Snakemake's own notes. The
# path is no part of a job, so a dataset that is moved redoes nothing.
LINKS = Path("datasets")
HERE = Path(".snakemake/pgpipe")

# What Python has to find, and how it is installed.
NEEDED = ("minari", "h5py")
INSTALL = "the optional group minari: pip install -c requirements-dev.lock -e '.[minari]'"


def is_installed() -> bool:
    """Whether Minari can be used."""
    return all(find_spec(name) is not None for name in NEEDED)


def data_folder(name: str, folder: Path) -> Path:
    """The folder of a dataset's data, absolute: by its path from `folder`, or by its name.

    Raises `UserError` where there is none.
    """
    path = (folder / Path(name).expanduser()).absolute()
    for place in (path, path / "data", root() / name / "data"):
        if (place / METADATA).is_file():
            return place.resolve()
    if path.exists():
        wanted = f"data/{METADATA}"
        raise UserError(f"found {path}, which holds no Minari dataset; allowed: a folder with {wanted}")
    local = list(names())
    known = f"local names: {', '.join(local)}" if local else f"there are none of a name in {root()}"
    raise UserError(
        f"found neither a folder {path} nor a local Minari dataset '{name}'"
        f"{nearest_name(name, local)} Nothing is downloaded; {known}"
    )


def root() -> Path:
    """Where Minari keeps what has a name."""
    own = os.environ.get("MINARI_DATASETS_PATH")
    return Path(own).absolute() if own else Path.home() / ".minari" / "datasets"


def names() -> Iterator[str]:
    """The names of local datasets."""
    for metadata in sorted(root().glob(f"**/data/{METADATA}")):
        yield metadata.parent.parent.relative_to(root()).as_posix()


def checksum(data: Path) -> str:
    """One checksum of all files in the folder of a dataset's data."""
    files = sorted(path for path in data.rglob("*") if path.is_file())
    lines = (f"{path.relative_to(data).as_posix()} {_sha256(path)}\n" for path in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def link(data: Path, content: str, notes: Path) -> None:
    """Let jobs find the data by its content."""
    place = notes / LINKS / content
    if place.is_symlink() and Path(os.readlink(place)) == data:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(data)


def linked(content: str) -> Path:
    """Where the data of this content lies.  Raises `UserError` if it has gone, or is another by now."""
    place = HERE / LINKS / content
    if not (place / METADATA).is_file():
        raise UserError(f"the dataset with checksum {content} is no longer where it was; run snakemake again")
    if checksum(place) != content:
        raise UserError(f"{place.resolve()}: the dataset was edited while jobs ran; run snakemake again")
    return place.resolve()
