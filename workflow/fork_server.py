"""A process that has the libraries already, and forks for every job.

Importing torch and seaborn takes longer than most jobs. Snakemake starts this server before the first job and
names its socket in the environment; `workflow/run.py` sends it a job and waits for the exit status. What a
job's function imports is imported here, so the jobs after it have it. Where there is no server (a cluster's
node, a job run by hand) a job runs in a process of its own.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple, NoReturn

# Every job's script imports this module, so what only the server needs is imported where it is used.
ADDRESS = "PGPIPE_FORK_SERVER"  # the environment variable that names the socket
RUN = "PGPIPE_RUN"  # and the one with the process that the run is


class Ended(NamedTuple):
    """How a job ended: its exit status, and lines that the terminal shall show."""

    status: int
    said: list[str]


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
        os.environ |= {ADDRESS: address, RUN: str(os.getpid())}
        listening.listen(64)  # jobs may knock while it is still starting
        handle = listening.fileno()
        subprocess.Popen([python, __file__, str(handle), str(os.getpid()), folder], pass_fds=[handle])


def run_forked(job: Mapping[str, Any]) -> Ended | None:
    """Have the server run a job; say how it ended, or None where there is no server."""
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
    return Ended(*json.loads(answer)) if answer else _killed(job)


def _killed(job: Mapping[str, Any]) -> Ended:
    """The end of a job whose process is gone without a word."""
    from pgpipe.jobs.trouble import killed

    line = killed(job.get("memory_mb"))
    try:
        with open(job["log"], "a") as log:
            log.write(f"{line}\n")
        return Ended(1, [])
    except OSError:
        return Ended(1, [line])


def end_with_run() -> None:
    """End this process, a job's script, with the run that started it, if that is on this machine."""
    end_with(int(os.environ.get(RUN, os.getppid())), signal.SIGKILL)


def end_with(parent: int, number: int) -> None:
    """Where the system can (Linux), end this process with its parent, or it would go on writing."""
    import ctypes

    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(1, number)  # 1 is PR_SET_PDEATHSIG
        if not _is_alive(parent):  # it ended before this was said
            os._exit(1)


def _is_alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def serve(listening: socket.socket) -> None:
    """Import what each job needs and fork for it, until the parent ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a job's own process answers; nobody waits for it here
    while True:
        connection, _ = listening.accept()
        with connection, connection.makefile("rw") as stream:
            line = stream.readline()
            if not line.endswith("\n"):
                continue  # whoever knocked was killed before all was said
            asked = json.loads(line)
            job, server = asked["job"], os.getpid()
            # a plugin is its job's alone: others shall not find it imported
            _prepare(job["function"].partition(":")[0], [] if job.get("plugins") else job["uses"])
            try:
                forked = os.fork()
            except OSError:
                continue  # no room for another process: the job fails, the others go on
            if forked == 0:
                listening.close()
                _answer(connection, asked["folder"], job, server)


def _answer(connection: socket.socket, folder: str, job: dict[str, Any], server: int) -> NoReturn:
    """Be a job's process: run it, say how it ended, and end, at once if nobody is there to be told."""
    from threading import Thread

    ended = Ended(1, [])
    try:
        end_with(server, signal.SIGKILL)
        os.chdir(folder)
        Thread(target=_end_with, args=[connection], daemon=True).start()
        ended = _run(job)
        connection.sendall(f"{json.dumps(ended)}\n".encode())
    finally:
        os._exit(ended.status)  # nothing of the server's may happen here


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
        if getattr(sys.modules.get("pgpipe.compiler"), "COMPILES", False):
            import_module("pgpipe.fused.loading").load()  # half a second; 25 where it was never compiled


def _run(job: dict[str, Any]) -> Ended:
    """Run a job in this process, a fork; its messages, and why it failed, go to its log."""
    import traceback

    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # not as the server handles them
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        from pgpipe.jobs.job import Job, perform

        return Ended(0, perform(Job(**job)))
    except SystemExit as told:
        return Ended(1, [told.code] if isinstance(told.code, str) else [])  # else the log says all
    except BaseException:
        traceback.print_exc()
        return Ended(1, [])
    finally:
        with suppress(OSError):  # no room for the log
            sys.stdout.flush()
            sys.stderr.flush()


def main(handle: int, parent: int, folder: str) -> None:
    """Serve the jobs that come to a listening socket, and remove its folder at the end."""
    from shutil import rmtree

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # so that the folder is removed then, too
    end_with(parent, signal.SIGTERM)
    try:
        serve(socket.socket(fileno=handle))
    finally:
        rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.path[0] = os.path.dirname(sys.path[0])  # the checkout
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
