"""What keeps files whole, and says what is wrong with them, without a run."""

import errno
import fcntl
import json
import os
import re
import subprocess
import sys

import pytest

from pgpipe.errors import UserError
from pgpipe.jobs.checked import checked
from pgpipe.jobs.files import write_file
from pgpipe.jobs.imports import sha256
from pgpipe.jobs.placing import placed, remove_unplaced
from pgpipe.jobs.provenance import RECORDS
from pgpipe.jobs.trouble import refused
from workflow import run_lock, settled, writable


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def record(path, text, **inputs):
    """A file and its record, by which it was made from `inputs`, at one time."""
    with open(path, "w") as file:
        file.write(text)
    place = RECORDS / f"{path}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    job = {"rule": "r", "outputs": {"text": path}}
    place.write_text(json.dumps({"path": path, "sha256": sha256(path), "inputs": inputs, "job": job}))
    shift(path, 0)


def shift(path, seconds):
    moment = 1_700_000_000 + seconds
    for file in (path, RECORDS / f"{path}.json"):
        os.utime(file, (moment, moment))


def marked():
    return [path.name for path in settled.UNFINISHED.glob("*")] if settled.UNFINISHED.exists() else []


def test_a_file_is_there_whole_or_not_at_all(folder):
    (folder / "a.md").write_text("before")
    with pytest.raises(RuntimeError), placed("a.md") as new:  # noqa: PT012
        new.write_text("half")
        raise RuntimeError("put in by a test")
    assert os.listdir() == ["a.md"]
    assert (folder / "a.md").read_text() == "before"
    write_file("a.md", "after")
    assert (folder / "a.md").read_text() == "after"


def test_what_the_killed_left_is_removed(folder):
    for name in (".a.md.12.new", ".b.md.12.new", "a.md"):
        (folder / name).touch()
    remove_unplaced("a.md")
    assert sorted(os.listdir()) == [".b.md.12.new", "a.md"]


LIMITED = """
import resource, sys
import torch
from pgpipe.jobs.files import write_file
from pgpipe.jobs.provenance import RECORDS
from pgpipe.jobs.trouble import refused
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for path, content in (("a.md", "x" * 10_000), ("t.safetensors", {"t": torch.zeros(10_000)})):
    try:
        write_file(path, content)
    except OSError as error:
        print(refused(error, None))
"""


def test_what_cannot_be_written_is_named_and_leaves_nothing(root, folder):
    """Tensors as well, of which the library tells in words alone."""
    process = subprocess.run(
        [sys.executable, "-c", LIMITED],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    line = "cannot be written: a file may not be so large. Raise the limit (ulimit -f), then run again: what is done stays done"
    assert process.stdout.splitlines() == [f"{folder}/a.md: {line}", f"{folder}/t.safetensors: {line}"]
    assert os.listdir() == []


def test_lines_of_what_the_machine_refuses(folder):
    full = refused(OSError(errno.ENOSPC, "No space left on device", "results/a.csv"), 500)
    assert re.fullmatch(
        rf"{folder}/results/a.csv: cannot be written: no space left on its file system or in its quota "
        r"\(\d+ MB free\). Make room, then run again: what is done stays done",
        full,
    )
    closed = refused(OSError(errno.EROFS, "Read-only file system", "results/a.csv"), 500)
    assert closed == (
        f"{folder}/results/a.csv: cannot be written: Read-only file system. Make it writable, "
        "then run again: what is done stays done"
    )
    assert refused(MemoryError("of 8 PiB"), 500) == (
        "out of memory: of 8 PiB. The rule's mem_mb is 500. Let fewer jobs run side by side (--cores 1, or "
        "--resources mem_mb=N for N MB in all), or ask for less in the config, then run again: what is done "
        "stays done"
    )
    assert refused(FileNotFoundError(errno.ENOENT, "", "x"), 500) == refused(ValueError("x"), 500) == ""


def test_the_lock_names_who_has_it_and_goes_with_it(folder):
    held = run_lock.take()
    assert run_lock.is_held()
    line = (
        rf"{folder}: found a run at work in this folder \(process {os.getpid()} on .+, since [\d: -]{{19}}\); "
        "allowed: one at a time. Wait until it has ended, or run elsewhere: --directory"
    )
    with pytest.raises(run_lock.HeldError, match=line):
        run_lock.take()
    os.close(held)
    assert not run_lock.is_held()
    os.close(run_lock.take())


def test_a_file_system_without_locks_is_no_obstacle(folder, monkeypatch, capsys):
    def refuse(*_):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    os.close(run_lock.take())
    assert (
        capsys.readouterr().err == f"note: {folder} knows no file locks: let only one run be at work in it\n"
    )
    assert not run_lock.is_held()


def test_a_process_whose_parent_is_gone_ends(root):
    """It may have gone before the process could say that it wants to end with it."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    asking = f"import signal; from workflow.fork_server import end_with; end_with({gone.pid}, signal.SIGKILL); print('on')"
    process = subprocess.run(
        [sys.executable, "-c", asking],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
    )
    assert (process.returncode, process.stdout) == (1, b"")


def test_a_file_as_recorded_is_read_once(monkeypatch):
    """Then its record has its time, and the next look is at the times alone."""
    record("a.md", "a")
    os.utime("a.md", (1, 1))
    assert settled.settle() == []
    monkeypatch.setattr(settled, "sha256", lambda path: pytest.fail(f"{path} was read"))
    assert settled.settle() == marked() == []


def test_a_changed_file_is_marked_and_kept(folder):
    record("a.md", "a")
    record("b.md", "b")
    (folder / "a.md").write_text("mine")
    (RECORDS / "b.md.json").write_text("{")
    why = "made again where it is needed"
    assert settled.settle() == [
        f"a.md: changed since it was made; {why}",
        f"b.md: its record cannot be read; {why}",
    ]
    assert sorted(marked()) == ["YS5tZA==", "Yi5tZA=="]
    assert (settled.ASIDE / "a.md").read_text() == "mine"


def test_a_torn_note_of_snakemake_is_as_none(folder):
    """Whether the job's parameters have changed could not be seen."""
    for name, note in (("a.md", '{"rule": "r"'), ("b.md", '{"rule": "r"}')):
        record(name, name)
        place = settled._encoded(settled.NOTES, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(note)
    assert settled.settle() == ["a.md: Snakemake's note of it is torn; made again where it is needed"]


def test_times_follow_contents():
    """a -> b -> c; a is newest and from the future, b newer than c: all is as it was read, so nothing is marked."""
    record("a.md", "a")
    record("b.md", "b", **{"a.md": sha256("a.md")})
    record("c.md", "c", **{"b.md": sha256("b.md")})
    shift("a.md", 10**10)
    shift("b.md", 5)
    assert settled.settle() == marked() == []
    assert len({os.stat(f"{name}.md").st_mtime for name in "abc"}) == 1


def test_what_looks_newer_but_was_made_from_another_input_is_marked():
    """If it looks older, Snakemake itself knows what to do."""
    record("a.md", "a")
    record("b.md", "b", **{"a.md": "another"})
    shift("b.md", -1)
    assert settled.settle() == []
    shift("b.md", 1)
    assert settled.settle() == [
        "b.md: was made from another a.md than there is now, though it looks newer; made again where it is needed"
    ]


def test_long_names_are_marked_as_snakemake_encodes_them(folder):
    """It cuts them into folders, so that none is too long for the file system."""
    from snakemake.persistence.file import FilePersistence

    name = f"results/{'x' * 100}/{'y' * 200}.md"
    (folder / name).parent.mkdir(parents=True)
    record(name, "a")
    (folder / name).write_text("b")
    settled.settle()
    persistence = FilePersistence(path=folder / ".snakemake")
    assert persistence._filter_incomplete_keys([name]) == {name}


def test_an_input_is_put_back_before_it_is_read(folder):
    record("a.md", "a")
    (folder / "a.md").write_text("b")

    def again(job):
        (folder / "made").write_text("a")
        return {"a.md": "made"}

    assert checked(["a.md"], again) == (
        {"a.md": sha256("made")},
        ["a.md: changed since it was made (its checksum is not its record's); made again"],
    )
    assert (folder / "a.md").read_text() == "a"


def test_an_input_that_comes_out_otherwise_is_removed(folder):
    record("a.md", "a")
    (folder / "a.md").write_text("b")
    (folder / "made").write_text("c")
    with pytest.raises(
        UserError, match=r"^a.md: changed since it was made, and comes out otherwise now; removed: run again$"
    ):
        checked(["a.md"], lambda job: {"a.md": "made"})
    assert not (folder / "a.md").exists()


def test_somebody_elses_file_is_read_as_it_is(folder):
    (folder / "a.md").write_text("b")
    assert checked(["a.md"], lambda job: pytest.fail("made again")) == ({"a.md": sha256("a.md")}, [])


def test_a_folder_that_cannot_be_written_to_is_named(folder, monkeypatch):
    (folder / "results/study").mkdir(parents=True)
    assert writable.closed(folder) == ""
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("study"))
    line = f"{folder}/results/study: found a folder that cannot be written to (no permission); no job can run"
    assert writable.closed(folder) == line
