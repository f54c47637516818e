"""A Slurm of its own for a test: two nodes on this machine, all its files in one folder, ended with the test."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

DAEMONS = ("munged", "slurmctld", "slurmd")
NODES = ("one", "two")

CONFIG = """\
ClusterName=pgpipe
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=10
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=1
JobRequeue=0
KillWait=1
SchedulerParameters=sched_interval=1
NodeName=one NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 RealMemory=8000 State=UNKNOWN
NodeName=two NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 RealMemory=8000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

# The plugin starts `srun` without most of Slurm's variables, so without the one that says where this Slurm is.
SRUN = """\
#!/bin/sh
SLURM_CONF={folder}/slurm.conf exec {srun} "$@"
"""


def missing() -> list[str]:
    """Which of Slurm's programs this machine lacks (`.ci/slurm` installs them)."""
    return [name for name in (*DAEMONS, "sbatch", "srun") if shutil.which(name, path=_path()) is None]


@dataclass(frozen=True)
class Cluster:
    """A running Slurm: the environment in which its commands find it."""

    environment: dict[str, str]

    def run(self, *command: str) -> str:
        """What one of Slurm's commands says."""
        process = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert process.returncode == 0, f"{command}: {process.stdout}{process.stderr}"
        return process.stdout

    def jobs(self, *states: str) -> list[tuple[str, str, str]]:
        """Identity, node and comment (the rule and its wildcards) of all jobs in these states."""
        listed = self.run("squeue", "--noheader", f"--states={','.join(states)}", "--format=%i|%N|%k")
        return [tuple(line.split("|")) for line in listed.splitlines()]  # type: ignore[misc]


@contextmanager
def slurm() -> Iterator[Cluster]:
    """Start a Slurm, and end it."""
    # not in pytest's folder: the path of a socket may have some hundred letters
    with TemporaryDirectory(prefix="slurm", ignore_cleanup_errors=True) as folder:
        _write(Path(folder))
        with _running(Path(folder)) as cluster:
            yield cluster


@contextmanager
def _running(folder: Path) -> Iterator[Cluster]:
    environment = os.environ | {"SLURM_CONF": f"{folder}/slurm.conf", "PATH": f"{folder}/bin:{_path()}"}
    munge = folder / "munge"
    commands = [
        ["munged", "--foreground", "--force"]
        + [
            f"--{name}={munge}/{name}" for name in ("socket", "key-file", "pid-file", "log-file", "seed-file")
        ],
        ["slurmctld", "-D"],
        *(["slurmd", "-D", "-N", node] for node in NODES),
    ]
    cluster = Cluster(environment)
    with ExitStack() as daemons:
        for command in commands:
            with (folder / f"{command[0]}.out").open("a") as output:
                daemon = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
            daemons.callback(_end, daemon)
            if command[0] == "munged":  # the others ask it at once
                wait_for((munge / "socket").exists, 10)
        wait_for(lambda: cluster.run("sinfo", "--noheader", "--format=%t %D").strip() == "idle 2", 30)
        try:
            yield cluster
        finally:
            cluster.run("scancel", f"--user={getuser()}")


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    """Wait until it holds; fail after so many seconds."""
    end = monotonic() + seconds
    while not _holds(condition):
        assert monotonic() < end, f"waited {seconds} s in vain"
        sleep(0.1)


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except AssertionError:  # a command that fails as long as a daemon starts
        return False


def _end(daemon: subprocess.Popen[bytes]) -> None:
    daemon.terminate()
    try:
        daemon.wait(10)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


def _write(folder: Path) -> None:
    """The files that Slurm asks for, and the folders that it writes to."""
    for name in ("munge", "state", "bin", *(f"spool.{node}" for node in NODES)):
        (folder / name).mkdir(parents=True)
    (folder / "munge").chmod(0o711)  # the socket's users pass, nobody else reads the key
    key = folder / "munge/key-file"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(3)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in sockets]
    host = socket.gethostname().partition(".")[0]
    (folder / "slurm.conf").write_text(CONFIG.format(host=host, user=getuser(), folder=folder, ports=ports))
    srun = folder / "bin/srun"
    srun.write_text(SRUN.format(folder=folder, srun=shutil.which("srun", path=_path())))
    srun.chmod(0o755)


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"  # where Debian has daemons
