"""What one sees of a run: a toy workflow under the project's own profile, with and without a terminal."""

import contextlib
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

SNAKEFILE = r"""
import sys
if config.get("wrong"):
    sys.exit("mine.yaml: wrong: unknown key")

rule all:
    input: expand("out/{name}.txt", name=["a", "b"]), "out/sum.txt"

rule nap:
    output: "out/{name,[ab]}.txt"
    log: "logs/nap/{name}.log"
    shell: "sleep 0.3; echo {wildcards.name} > {output}"

rule add:
    output: "out/{name,sum}.txt"
    log: "logs/add/{name}.log"
    shell: "for line in $(seq 30); do echo line $line; done > {log}; touch {output}; test ! -e fail"
"""
# What Snakemake's own handler writes and the display stands in place of.
OWN_WORDS = re.compile(
    r"Select jobs|Finished jobid|Building DAG|rule nap:|Job stats|Host:|Complete log|Elapsed time"
)


@pytest.fixture
def toy(tmp_path):
    """A workflow of four jobs, with the project's profile beside it."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    shutil.copytree(ROOT / "profiles", tmp_path / "profiles")
    return tmp_path


@pytest.fixture
def hidden(tmp_path_factory):
    """A folder that, first on the path, hides the plugin: a module of its name is no plugin package."""
    folder = tmp_path_factory.mktemp("hidden")
    (folder / "snakemake_logger_plugin_pgpipe.py").touch()
    return folder


def command(*arguments):
    return [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]


def run(folder, *arguments, path=ROOT):
    environment = os.environ | {"PYTHONPATH": str(path)}
    return subprocess.run(
        command(*arguments), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def lines(process):
    """What was said, but for the line about the profile, which Snakemake prints before it looks at any logger."""
    said = (process.stdout + process.stderr).splitlines()
    return [line for line in said if line and not line.startswith("Using workflow specific profile")]


def test_without_a_terminal_a_run_is_told_in_few_lines(toy):
    """With the time that the last run in the folder took; and when there is nothing to do, that is said."""
    for job, seconds in {"nap/a": 50, "nap/b": 50, "add/sum": 3600}.items():
        path = toy / f"runs/results/timings/{job}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"seconds": seconds}))
    process = run(toy, "--directory", "runs")
    assert process.returncode == 0, process.stderr
    first, last = lines(process)
    assert first == "4 jobs to do on 2 cores, about 1 h 00 min left"
    assert re.fullmatch(r"4 of 4 jobs done in 0:\d\d", last)
    again = run(toy, "--directory", "runs")
    assert again.returncode == 0, again.stderr
    assert [line.partition(" (")[0] for line in lines(again)] == ["Nothing to be done"]


def test_a_failed_job_shows_what_it_was_and_the_end_of_its_log(toy):
    """Whatever `make` or its user wants to hear less of."""
    (toy / "fail").touch()
    process = run(toy, "--quiet", "host", "rules", "reason")
    assert process.returncode == 1
    told = lines(process)
    assert told[1:3] == ["Failed: add (name=sum)", "  The end of its log, logs/add/sum.log:"]
    assert told[3:-1] == [f"  | line {number}" for number in range(16, 31)]
    assert re.match(
        r"2 of 4 jobs done, 1 failed, 1 not done in 0:\d\d\. Snakemake's own log: \.snakemake/", told[-1]
    )


def on_a_terminal(folder):
    """Run on a pseudo-terminal; the exit code and all that was written to it."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(command(), cwd=folder, env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError), open(ours, "rb", buffering=0) as terminal:
        # reading fails, on Linux, once the other end is closed
        while chunk := terminal.read(65536):
            seen += chunk
    return process.wait(), seen.decode()


def test_on_a_terminal_the_display_is_live(toy):
    """Drawn again and again at the foot; at the end it is gone, and what was said stands there."""
    (toy / "fail").touch()
    returncode, screen = on_a_terminal(toy)
    assert returncode == 1
    assert "nap (name=a)" in screen
    assert re.search(r"\d of 4 jobs done.*so far", screen)
    assert "  | line 30" in screen
    assert "\x1b[?25l" in screen, "the cursor was never hidden: there was no live display"
    assert screen.rindex("\x1b[?25h") > screen.rindex("\x1b[?25l"), "the cursor was not given back"
    assert not OWN_WORDS.search(screen)


def test_a_dry_run_looks_as_it_always_did(toy, hidden):
    """The same words as where Snakemake does not find the plugin; and there, too, nothing fails.

    Their order is no law: Snakemake lists sets of jobs and files.
    """
    shown, usual = run(toy, "--dry-run"), run(toy, "--dry-run", path=hidden)
    assert shown.returncode == usual.returncode == 0
    changing = re.compile(r"^\[.*\d\d:\d\d:\d\d.*\]$|^  (Date|Workflow ID): .*$", re.MULTILINE)
    for ours, theirs in ((shown.stdout, usual.stdout), (shown.stderr, usual.stderr)):
        words, usual_words = (sorted(re.split(r"[\s,]+", changing.sub("", said))) for said in (ours, theirs))
        assert words == usual_words
    assert "rule nap:" in shown.stdout


def test_an_error_of_the_config_stands_alone(toy):
    process = run(toy, "--config", "wrong=1")
    assert process.returncode == 1
    assert lines(process) == ["mine.yaml: wrong: unknown key"]
