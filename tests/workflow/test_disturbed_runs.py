"""A run that is disturbed: nothing is lost, nothing is silently wrong, and the next run needs no help."""

import os
import random
import re
import shutil
import subprocess

import pytest
from disturbed import ROOT, disturbed, tell

pytestmark = pytest.mark.faults

PARTS = 8


def test_a_job_that_finds_no_memory_says_so(tmp_path, whole):
    toy = disturbed(tmp_path / "run")
    (toy.folder / "hungry").touch()
    said = toy.run(status=1)
    assert "Failed: write_part (part=0)" in said
    assert "logs/write_part/0.log" in said
    assert "out of memory" in said
    assert "The rule's mem_mb is 500. Let fewer jobs run side by side" in said
    assert len([*(toy.folder / "results").glob("*.md")]) == PARTS - 1
    (toy.folder / "hungry").unlink()
    toy.run()
    assert toy.made() == whole[0]
    tell(
        "a job that finds no memory",
        1,
        "named with log and memory, the others finish; the next run does it again",
    )


def test_two_runs_at_once(tmp_path, whole):
    first, other = disturbed(tmp_path / "first"), disturbed(tmp_path / "other")
    (first.folder / "wait").touch()
    process = first.start()
    assert first.wait(lambda: first.is_held_by(process))
    said = first.run(status=1)
    line = rf"{first.folder}: found a run at work in this folder \(process {process.pid} on .*, since 20.*\)"
    assert re.search(line, said), said
    assert "write_part" in first.run("--dry-run")
    other.run()
    assert process.poll() is None
    (first.folder / "wait").unlink()
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert first.made() == other.made() == whole[0]
    tell("two runs at once in a folder", 1, "the second says in a line who is at work, and ends")


def test_files_are_cut_off_or_edited(finished, whole):
    """They are found by their time and checksum before the graph is built; a copy is kept."""
    toy = finished
    for name, text in (("results/3.md", ""), ("results/5.md", "5,0\n5,7\n"), ("reports/sum.md", "mine\n")):
        (toy.folder / name).write_text(text)
    changed = "{}: changed since it was made; made again where it is needed"
    for said in (toy.run("--dry-run"), toy.run()):
        for name in ("results/3.md", "results/5.md", "reports/sum.md"):
            assert changed.format(name) in said
    assert toy.made() == whole[0]
    assert (toy.folder / ".snakemake/pgpipe/changed/reports/sum.md").read_text() == "mine\n"
    assert "Nothing to be done" in toy.run()
    tell("a file that is cut off or edited by hand", 3, "said, copied aside, made again in the same run")


def test_bits_flip_and_no_time_tells(finished, whole):
    """The job that reads them finds it by the checksum, and has them made again first."""
    toy, chance = finished, random.Random(5)
    toy.run("--dry-run")  # which finds all as it should be: from now on it goes by the times
    for part in range(PARTS):
        path = toy.folder / f"results/{part}.md"
        time_ns, content = path.stat().st_mtime_ns, bytearray(path.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        os.utime(path, ns=(time_ns, time_ns))
    (toy.folder / "reports/sum.md").unlink()
    said = toy.run()
    assert said.count("changed since it was made (its checksum is not its record's); made again") == PARTS
    assert toy.made() == whole[0]
    assert "Nothing to be done" in toy.run()
    tell(
        "a bit that flips in a file, whose time stays",
        PARTS,
        "said, made again by the job that reads it, before it does",
    )


def shift(folder, name, seconds):
    """Set the time of a file and of its record, as if the clock had been another."""
    for path in (folder / name, folder / f"results/provenance/{name}.json"):
        moment = path.stat().st_mtime + seconds
        os.utime(path, (moment, moment))


def test_the_clock_was_ahead(finished, whole):
    """Inputs from the future: what was made of them is not made again, and what is made now is not too old."""
    toy = finished
    for part in range(PARTS):
        shift(toy.folder, f"results/{part}.md", 86_400)
    # as with files of more than a megabyte, whose checksums Snakemake leaves alone
    assert "Nothing to be done" in toy.run("--max-checksum-file-size", "1")
    for part in range(PARTS):
        shift(toy.folder, f"results/{part}.md", 86_400)
    (toy.folder / "reports/sum.md").unlink()
    toy.run("--max-checksum-file-size", "1")
    assert toy.made() == whole[0]
    assert "Nothing to be done" in toy.run("--max-checksum-file-size", "1")
    tell(
        "a clock that was ahead, and is right again", 2, "contents decide: nothing is made again for its time"
    )


def test_the_clock_is_set_back(finished):
    """An input of another config that looks older than what was made of the one before it."""
    toy = finished
    toy.run("results/0.md", NUMBERS="7")
    shift(toy.folder, "results/0.md", -86_400)
    said = toy.run(NUMBERS="7")
    assert (
        "reports/sum.md: was made from another results/0.md than there is now, though it looks newer" in said
    )
    text = (toy.folder / "reports/sum.md").read_text()
    assert "0,6\n1,0\n" in text
    assert "Nothing to be done" in toy.run(NUMBERS="7")
    tell("a clock that is set back between two runs", 1, "what was made from another input is made again")


def test_the_clock_is_set_back_during_a_run(tmp_path, whole):
    """All but one of the parts are from the future of what is made of them."""
    toy = disturbed(tmp_path / "run")
    (toy.folder / "wait-7").touch()
    process = toy.start("--max-checksum-file-size", "1")
    records = [toy.folder / f"results/provenance/results/{part}.md.json" for part in range(PARTS - 1)]
    assert toy.wait(lambda: all(record.exists() for record in records))
    for part in range(PARTS - 1):
        shift(toy.folder, f"results/{part}.md", 86_400)
    (toy.folder / "wait-7").unlink()
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    assert toy.made() == whole[0]
    assert "Nothing to be done" in toy.run("--max-checksum-file-size", "1")
    tell(
        "a clock that is set back during a run",
        1,
        "the run goes on: contents decide, and what is from the future is from now",
    )


def apart(script, folder):
    """Run a shell script where it may mount things that nobody else sees."""
    command = ["unshare", "--map-root-user", "--mount", "bash", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def may_mount(tmp_path):
    if not shutil.which("unshare") or apart(f"mount -t tmpfs tmpfs {tmp_path}", "/").returncode:
        pytest.skip("nothing can be mounted here")


@pytest.mark.usefixtures("may_mount")
def test_the_disk_is_full(tmp_path, whole):
    """Cause and place are said; nothing half-written stays; with room, the next run does the rest."""
    toy = disturbed(tmp_path / "run")
    command = " ".join(toy.command())
    full = f"""
        cp -r . {tmp_path}/copy && mount -t tmpfs -o size=100k tmpfs . && cd {toy.folder} && cp -r {tmp_path}/copy/. .
        {command} 2>&1; echo "status $?"
        find results reports -name '.*.new' -o -size 0 -type f; echo "files end"
        mount -o remount,size=8m .; {command} 2>&1; echo "status $?"; cp -r results reports {tmp_path}/copy
    """
    process = apart(full, toy.folder)
    first, _, second = process.stdout.partition("files end")
    assert first.endswith("status 1\n"), process.stdout + process.stderr  # and no file is unfinished
    assert "no space left" in first
    assert str(toy.folder) in first
    assert "Traceback" not in first
    assert "status 0" in second, second
    assert type(toy)(tmp_path / "copy").made() == whole[0]
    tell(
        "a full disk",
        1,
        "cause and place are said, nothing half-written stays; with room, the next run does the rest",
    )


@pytest.mark.usefixtures("may_mount")
def test_results_are_read_only(tmp_path, whole):
    toy = disturbed(tmp_path / "run")
    (toy.folder / "results").mkdir()
    (toy.folder / ".snakemake").mkdir()
    command = " ".join(toy.command())
    for name in ("results", "."):
        closed = f"mount --bind {name} {name} && mount -o remount,bind,ro {name} && cd {toy.folder} && {command} 2>&1"
        process = apart(closed, toy.folder)
        assert process.returncode == 1, process.stdout
        place = (toy.folder / name).resolve()
        assert f"{place}: found a folder that cannot be written to (read-only file system)" in process.stdout
        assert "Failed: " not in process.stdout, "a job was started"
        assert "Traceback" not in process.stdout
    toy.run()
    assert toy.made() == whole[0]
    tell("a results folder that is read-only", 2, "said before the first job")
