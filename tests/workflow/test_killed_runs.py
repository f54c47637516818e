"""A run whose processes are killed at random moments: the next one needs no help and loses nothing."""

import contextlib
import random
import shutil
import time

import psutil
import pytest
from disturbed import disturbed, tell

pytestmark = pytest.mark.faults

TRIES = 10
PARTS = 8
KILLED = -9


def killed_at_random(folder, whole, chance, kill, most):
    """Runs in a folder that are killed at random moments, one after the other without help, until one comes to its end.

    How many were killed, at most so many.
    """
    made, seconds = whole
    toy, killed = disturbed(folder), 0
    while killed < most:
        process = toy.start()
        toy.wait(lambda: toy.is_held_by(process) or process.poll() is not None)  # noqa: B023
        time.sleep(chance.uniform(0, seconds))
        kill(toy, process)
        process.wait()
        nobody_is_left(toy)
        said = process.communicate()[0]
        assert process.returncode in (0, KILLED), said
        if process.returncode == 0:
            break
        killed += 1
    else:
        toy.run()
    assert toy.made() == made
    shutil.rmtree(folder)
    return killed


def nobody_is_left(toy):
    """All end by themselves, soon; who does not would keep open what the run says."""
    try:
        assert toy.wait(lambda: not toy.processes(), seconds=10), toy.processes()
    finally:
        kill_all(toy.processes())


def kill_all(processes):
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def all_tries(tmp_path, whole, seed, kill):
    """Kill so many runs, in as many folders as it takes."""
    chance, killed, folders = random.Random(seed), 0, 0
    while killed < TRIES:
        killed += killed_at_random(tmp_path / str(folders), whole, chance, kill(chance), TRIES - killed)
        folders += 1


def test_snakemake_is_killed(tmp_path, whole):
    all_tries(tmp_path, whole, 0, lambda _: lambda toy, process: process.kill())
    tell(
        "`kill -9` of Snakemake at a random moment",
        TRIES,
        "its jobs end with it; the next run does the rest, no `--unlock`",
    )


def test_snakemake_and_its_workers_are_killed(tmp_path, whole):
    def kill(chance):
        def in_any_order(toy, process):
            victims = [*toy.workers(), psutil.Process(process.pid)] if process.poll() is None else []
            chance.shuffle(victims)
            kill_all(victims)

        return in_any_order

    all_tries(tmp_path, whole, 2, kill)
    tell("`kill -9` of Snakemake and of all its jobs", TRIES, "the next run does the rest")


@pytest.mark.parametrize("hooks", [[], ["--no-hooks"]], ids=["forks", "scripts"])
def test_no_job_outlives_snakemake(tmp_path, hooks):
    """Neither the server and its forks nor, where there is none, the scripts that do the jobs themselves."""
    toy = disturbed(tmp_path / "run")
    (toy.folder / "wait").touch()
    process = toy.start(*hooks)
    logs = toy.folder / "logs/write_part"
    assert toy.wait(lambda: logs.is_dir() and len([*logs.iterdir()]) == 2)  # two are at work
    process.kill()
    process.wait()
    nobody_is_left(toy)
    process.communicate()


def test_workers_are_killed(tmp_path, whole):
    """The run goes on with the others, says which were killed, and the next one does the rest."""
    chance, killed, runs = random.Random(4), 0, 0
    while killed < TRIES:
        toy = disturbed(tmp_path / str(runs))
        victims: set[int] = set()
        process = toy.start()
        while process.poll() is None and len(victims) < PARTS - 3:
            time.sleep(chance.uniform(0, 0.2))
            fresh = [worker for worker in toy.workers() if worker.pid not in victims][:1]
            victims |= {worker.pid for worker in fresh}
            kill_all(fresh)
        said = process.communicate()[0]
        failed = said.count("Failed: write_part")
        assert process.returncode == 1, said
        assert said.count("The job's process was killed") == failed > 0
        assert said.count("mem_mb is 500") == failed
        done = [*(toy.folder / "results").glob("*.md")]
        assert len(done) == PARTS - failed
        toy.run()
        assert toy.made() == whole[0]
        killed, runs = killed + failed, runs + 1
    tell(
        "`kill -9` of a job, as the system does when memory runs out",
        TRIES,
        "named with log and memory, the others finish; the next run does it again",
    )
