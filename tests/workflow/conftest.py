"""One run of a small lecture that all tests of the graph share, and edits of it."""

from pathlib import Path

import pytest
from checkout import Checkout, copied
from filelock import FileLock


@pytest.fixture(scope="session")
def ran(tmp_path_factory, worker_id):
    """The checkout after one whole run of the small lecture, the same for all of pytest's workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    checkout, done = Checkout(shared / "checkout/pgpipe"), shared / "checkout/done"
    with FileLock(shared / "checkout.lock"):
        if not done.exists():
            assert not checkout.path.exists(), "the run failed in another of pytest's workers, which says why"
            process = copied(checkout.path).snakemake()
            assert process.returncode == 0, process.stdout + process.stderr
            done.touch()
    return checkout


@pytest.fixture
def edit(ran):
    """Change a file of the copy for the length of one test; its content comes back, its time stamp does not."""
    before: dict[Path, str] = {}

    def change(name, old, new):
        path = ran.path / name
        text = before.setdefault(path, path.read_text())
        assert old in text
        path.write_text(text.replace(old, new))

    yield change
    for path, text in before.items():
        path.write_text(text)


@pytest.fixture
def extra(ran, tmp_path):
    """Write one more override file."""

    def write(text):
        path = tmp_path / "extra.yaml"
        path.write_text(text)
        return path

    return write
