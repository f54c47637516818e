"""A process that has the libraries already, and forks for every job.

Importing torch and seaborn takes longer than most jobs. Snakemake starts this server before the first job and
names its socket in the environment; `workflow/run.py` sends it a job and waits for the exit status. What a
job's function imports is imported here, so the jobs after it have it. Where there is no server (a cluster's
node, a job run by hand) a job runs in a process of its own.
"""

import json
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

# Every job's script imports this module, so what only the server needs is imported where it is used.

ADDRESS = "PGPIPE_FORK_SERVER"  # the environment variable that names the socket


def start(python: str) -> None:
    """Start the server with this Python; it ends with the process that started it, which only Linux sees to.

    Where it cannot be started, every job runs in a process of its own.
    """
    import subprocess
    import tempfile

    if sys.platform != "linux":
        return
    folder = tempfile.mkdtemp(prefix="pgpipe-")
    address = f"{folder}/socket"
    with socket.socket(socket.AF_UNIX) as listening:
        try:
            listening.bind(address)
        except OSError:  # a path of more than some hundred letters, say
            os.rmdir(folder)
            return
        os.environ[ADDRESS] = address
        listening.listen(64)  # jobs may knock while it is still starting
        handle = listening.fileno()
        subprocess.Popen([python, __file__, str(handle), folder], pass_fds=[handle])


def run_forked(job: Mapping[str, Any]) -> int | None:
    """Have the server run a job; give its exit status, or None where there is no server."""
    address = os.environ.get(ADDRESS)
    if not address:
        return None
    answer = ""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(address)
        except OSError:
            return None
        with suppress(OSError), connection.makefile("rw") as stream:
            stream.write(json.dumps({"folder": os.getcwd(), "job": job}) + "\n")
            stream.flush()
            answer = stream.readline()
    if answer:
        return int(answer)
    with open(job["log"], "a") as log:
        log.write(
            "The job's process was killed, or could not be started. There may have been too little memory.\n"
        )
    return 1


def die_with_parent() -> None:
    """Where the system can (Linux), end this process when its parent is killed, or it would go on writing."""
    import ctypes
    import signal

    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG


def serve(listening: socket.socket) -> None:
    """Import what each job needs and fork for it, until the parent ends."""
    import signal

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a job's own process answers; nobody waits for it here
    while True:
        connection, _ = listening.accept()
        with connection, connection.makefile("rw") as stream:
            line = stream.readline()
            if not line.endswith("\n"):
                continue  # whoever knocked was killed before all was said
            asked = json.loads(line)
            job = asked["job"]
            # a plugin is its job's alone: others shall not find it imported
            _prepare(job["function"].partition(":")[0], [] if job.get("plugins") else job["uses"])
            try:
                forked = os.fork()
            except OSError:
                continue  # no room for another process: the job fails, the others go on
            if forked == 0:
                listening.close()
                _answer(connection, asked["folder"], job)


def _answer(connection: socket.socket, folder: str, job: dict[str, Any]) -> NoReturn:
    """Be a job's process: run it, say how it ended, and end, at once if nobody is there to be told."""
    from threading import Thread

    status = 1
    try:
        os.chdir(folder)
        Thread(target=_end_with, args=[connection], daemon=True).start()
        status = _run(job)
        connection.sendall(f"{status}\n".encode())
    finally:
        os._exit(status)  # nothing of the server's may happen here


def _end_with(connection: socket.socket) -> None:
    """Whoever asked says nothing more, so what can be read is the end of the connection."""
    connection.recv(1)
    os._exit(1)


def _prepare(module: str, uses: list[str]) -> None:
    """Import what a job needs, and find the code behind it, once for all jobs that need the same."""
    from importlib import import_module

    with suppress(Exception):  # whatever is wrong with it, the job's log shall say
        import_module(module)
        import_module("pgpipe.jobs.imports").checksums(module, *uses)
        if "torch" in sys.modules:
            import_module("torch._dynamo")  # a second, which torch.func would take in each job that calls it


def _run(job: dict[str, Any]) -> int:
    """Run a job in this process, a fork; its messages, and why it failed, go to its log."""
    import signal
    import traceback

    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # not as the server handles them
    signal.signal(signal.SIGINT, signal.default_int_handler)
    die_with_parent()
    try:
        from pgpipe.jobs.job import Job, perform

        perform(Job(**job))
    except SystemExit:
        return 1  # the log says all
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def main(handle: int, folder: str) -> None:
    """Serve the jobs that come to a listening socket, and remove its folder at the end."""
    import signal
    from shutil import rmtree

    die_with_parent()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # so that the folder is removed then, too
    try:
        serve(socket.socket(fileno=handle))
    finally:
        rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.path[0] = os.path.dirname(sys.path[0])  # the checkout
    main(int(sys.argv[1]), sys.argv[2])
