"""Jobs run in forks of a server, tell how they ended, and do not outlive who asked for them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import psutil
import pytest
from checkout import ROOT

from pgpipe.jobs.job import DREW_GLOBALLY
from workflow import fork_server

# Jobs that a project has not: they are found by PYTHONPATH.
STRANGE = """
import os, signal, time
from pathlib import Path

def fail():
    raise ArithmeticError("put in by a test")

def be_killed():
    os.kill(os.getpid(), signal.SIGKILL)

def draw():
    import numpy as np
    return str(np.random.rand())

def sleep():
    Path("asleep").write_text(str(os.getpid()))
    time.sleep(60)
"""

# Starts a server and asks it to run the job that it is given.
ASKING = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pgpipe.jobs.job import DREW_GLOBALLY
from workflow import fork_server
fork_server.start(sys.executable)
sys.exit(fork_server.run_forked(json.loads(sys.argv[2])).status)
"""


@pytest.fixture
def ask(tmp_path):
    """Start a process that has a server and runs one job in it, in a folder of its own."""
    (tmp_path / "strange.py").write_text(STRANGE)

    def start(function, **job):
        described = {
            "rule": "try_it", "function": function, "spec": {}, "uses": [], "code": "", "inputs": {},
            "outputs": {}, "log": "job.log", **job,
        }  # fmt: skip
        return subprocess.Popen(
            [sys.executable, "-c", ASKING, str(ROOT), json.dumps(described)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
        )

    return start


def wait_for(asleep):
    """The number of the process that the sleeping job writes down."""
    started = time.monotonic()
    while not (asleep.exists() and asleep.read_text()) and time.monotonic() - started < 60:
        time.sleep(0.05)
    return int(asleep.read_text())


def test_a_job_leaves_its_output_a_record_and_its_cost(ask, tmp_path):
    for name, row in (("a", "1,0.10"), ("b", "2,3e-1")):
        (tmp_path / f"{name}.csv").write_text(f"x,y\n{row}\n")
    job = {"inputs": {"parts": ["a.csv", "b.csv"]}, "outputs": {"table": "both.csv"}}
    assert ask("pgpipe.jobs.gathering:gather_table", **job).wait(60) == 0
    assert (tmp_path / "both.csv").read_text() == "x,y\n1,0.10\n2,3e-1\n"
    record = json.loads((tmp_path / "results/provenance/both.csv.json").read_text())
    assert record["job"]["inputs"] == job["inputs"]
    assert "pgpipe/jobs/gathering.py" in record["code"]
    cost = json.loads((tmp_path / "results/timings/job.json").read_text())
    assert 0 < cost["cpu_seconds"] < 5


def test_a_job_that_fails_says_why_in_its_log(ask, tmp_path):
    assert ask("strange:fail").wait(60) == 1
    log = (tmp_path / "job.log").read_text()
    assert log.startswith("rule try_it\nspec {}\n")
    assert log.endswith("ArithmeticError: put in by a test\n")


def test_a_job_that_draws_from_a_global_generator_says_so(ask, tmp_path):
    ask("strange:draw", outputs={"number": "number.md"}).wait(60)
    assert f"strange:draw {DREW_GLOBALLY}" in (tmp_path / "job.log").read_text()


def test_a_job_that_is_killed_is_a_failure(ask, tmp_path):
    assert ask("strange:be_killed").wait(60) == 1
    assert "was killed" in (tmp_path / "job.log").read_text()


def test_no_job_outlives_the_script_that_asked_for_it(ask, tmp_path):
    """Snakemake counts it as failed and may start it again: two would write the same file. Others go on."""
    first, asleep = ask("strange:sleep"), tmp_path / "asleep"
    job = psutil.Process(wait_for(asleep))
    server = job.parent()
    asking = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); from workflow import fork_server\n"
        "sys.exit(fork_server.run_forked(json.loads(sys.argv[2])).status)"
    )
    address = {fork_server.ADDRESS: f"{server.cmdline()[-1]}/socket"}
    described = {
        "rule": "try_it", "function": "strange:sleep", "spec": {}, "uses": [], "code": "", "inputs": {},
        "outputs": {}, "log": "other.log",
    }  # fmt: skip
    asleep.unlink()
    script = subprocess.Popen(
        [sys.executable, "-c", asking, str(ROOT), json.dumps(described)],
        cwd=tmp_path,
        env=os.environ | address,
    )
    other = psutil.Process(wait_for(asleep))
    script.kill()
    script.wait(10)
    gone, _ = psutil.wait_procs([other], timeout=10)
    assert gone == [other]
    assert job.is_running()
    assert server.is_running()
    assert os.path.exists(address[fork_server.ADDRESS])
    first.kill()
    first.wait(10)
    psutil.wait_procs([job, server], timeout=10)
    assert not os.path.exists(server_folder := os.path.dirname(address[fork_server.ADDRESS])), server_folder


def test_who_knocks_and_goes_away_disturbs_nobody(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("x\n1\n")
    knocking = (
        "import os, socket, sys; sys.path.insert(0, sys.argv[1]); from workflow import fork_server\n"
        "fork_server.start(sys.executable)\n"
        "with socket.socket(socket.AF_UNIX) as gone: gone.connect(os.environ[fork_server.ADDRESS])\n"
        "job = dict(rule='r', function='pgpipe.jobs.gathering:gather_table', spec={}, uses=[], code='',\n"
        "    inputs={'parts': ['a.csv']}, outputs={'table': 'b.csv'}, log='job.log')\n"
        "sys.exit(fork_server.run_forked(job).status)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", knocking, str(ROOT)], env=environment).returncode == 0
    assert (tmp_path / "b.csv").read_text() == "x\n1\n"


def test_no_job_outlives_the_process_that_started_the_server(ask, tmp_path):
    process = ask("strange:sleep")
    job = psutil.Process(wait_for(tmp_path / "asleep"))
    family = [job, job.parent()]  # the job and the server
    assert "fork_server.py" in " ".join(family[1].cmdline())
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert len(gone) == 2, alive


def test_where_no_socket_can_be_made_jobs_run_by_themselves(monkeypatch, tmp_path):
    deep = tmp_path / ("a" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    monkeypatch.delenv(fork_server.ADDRESS, raising=False)
    fork_server.start(sys.executable)
    assert fork_server.ADDRESS not in os.environ
    assert list(deep.iterdir()) == []


def test_without_a_server_there_is_no_answer(monkeypatch, tmp_path):
    """The script then runs the job itself: on another machine the address leads nowhere."""
    monkeypatch.delenv(fork_server.ADDRESS, raising=False)
    assert fork_server.run_forked({}) is None
    monkeypatch.setenv(fork_server.ADDRESS, str(tmp_path / "nobody"))
    assert fork_server.run_forked({}) is None
