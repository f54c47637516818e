"""Runs that tests share: a small lecture, and edits of it; a workflow that is to be disturbed."""

import shutil
import time
from pathlib import Path

import pytest
from checkout import Checkout, copied
from disturbed import Disturbed, disturbed
from filelock import FileLock


@pytest.fixture(scope="session")
def once(tmp_path_factory, worker_id):
    """Have a folder filled by a function, once for all of pytest's workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    def filled(name, fill):
        folder, done = shared / name, shared / f"{name}.done"
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                assert not folder.exists(), "it failed in another of pytest's workers, which says why"
                folder.mkdir()
                fill(folder)
                done.touch()
        return folder

    return filled


@pytest.fixture(scope="session")
def ran(once):
    """The checkout after one whole run of the small lecture."""

    def run(folder):
        process = copied(folder / "pgpipe").snakemake()
        assert process.returncode == 0, process.stdout + process.stderr

    return Checkout(once("checkout", run) / "pgpipe")


@pytest.fixture(scope="session")
def whole(once):
    """What an undisturbed run of the workflow to be disturbed makes, and how many seconds its jobs take."""

    def run(folder):
        toy = disturbed(folder / "run")
        process = toy.start()
        assert toy.wait(lambda: toy.is_held_by(process) or (toy.folder / "logs/write_part").is_dir())
        started = time.monotonic()
        said = process.communicate(timeout=120)[0]
        assert process.returncode == 0, said
        (folder / "seconds").write_text(str(time.monotonic() - started))

    folder = once("whole", run)
    return Disturbed(folder / "run").made(), float((folder / "seconds").read_text())


@pytest.fixture
def finished(whole, once, tmp_path):
    """A folder of its own in which that run came to its end, with all times as they were."""
    return Disturbed(shutil.copytree(once("whole", None) / "run", tmp_path / "run"))


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
