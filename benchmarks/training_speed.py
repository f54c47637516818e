"""How fast many seeds train, beside what people would use instead: `make bench`.

CartPole-v1, a tanh network of 64 × 64, 32 environments an agent, episodes of at most 200 steps; then other
networks, other environments and other estimators. Everyone is measured in the same run on the same two cores,
after a warm-up, in processes of its own: one on both cores, or two that are pinned to a core each, whose
speeds add up. Everyone has two turns, and the better one counts, as a shared machine slows down for minutes.
`speed_report.py` writes what came out.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from jax_versions import CURRENT, OLDER, python_of
from speed_report import (
    A2C,
    ALONE,
    AUTOGRAD,
    BOUND,
    JAX,
    OLDER_JAX,
    OURS,
    PINNED,
    PLAIN,
    SHAPES,
    SPEED,
    TOGETHER,
    write,
)  # fmt: skip

HERE = Path(__file__).resolve().parent
CORES = sorted(os.sched_getaffinity(0))[:2]
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# Where set, they make libraries compute as on another processor than this one.
ELSEWHERE = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NUMBA_CPU_NAME", "NPY_DISABLE_CPU_FEATURES")

CARTPOLE, SQUARE = "CartPole-v1", "64,64"
AGENTS = (1, 4, 16, 32, 64)
TURNS = 2


class Case(NamedTuple):
    """One number to measure; of A2C `agents` are its environments."""

    contestant: str
    mode: str
    agents: int
    environment: str = CARTPOLE
    hidden: str = SQUARE
    estimator: str = "reinforce"


SCRIPTS = {
    OURS: "pgpipe_engine", PLAIN: "pgpipe_engine", JAX: "jax_vmapped", OLDER_JAX: "jax_vmapped",
    AUTOGRAD: "torch_autograd", A2C: "sb3_a2c", BOUND: "bound",
}  # fmt: skip
VERSIONS = {JAX: CURRENT, OLDER_JAX: OLDER}


def cases() -> Iterator[Case]:
    """All of the tables."""
    for agents in AGENTS:
        yield Case(OURS, PINNED, agents)
        yield Case(PLAIN, PINNED, agents, estimator="plain")
        for mode in (PINNED, TOGETHER):
            yield from (Case(jax, mode, agents) for jax in VERSIONS)
    for agents in (16, 64):
        yield from (Case(AUTOGRAD, mode, agents) for mode in (TOGETHER, PINNED))
    yield from (Case(A2C, ALONE, environments) for environments in (8, 32))
    yield Case(BOUND, PINNED, 1)
    for environment, hidden in SHAPES:
        for agents in (1, 16):
            yield from (Case(who, PINNED, agents, environment, hidden) for who in (OURS, *VERSIONS))
    for estimator in ("gae", "natural", "per_parameter"):
        yield Case(OURS, PINNED, 16, estimator=estimator)


def measure(case: Case) -> dict[str, float]:
    """Steps per second of all processes of a mode together, and the memory of the largest."""
    both = {TOGETHER: [set(CORES)], ALONE: [{CORES[0]}], PINNED: [{CORES[0]}, {CORES[1]}]}
    started = [_start(case, cores) for cores in both[case.mode]]
    outcomes = [json.loads(process.communicate()[0].splitlines()[-1]) for process in started]
    if failed := [process.args for process in started if process.returncode]:
        raise SystemExit(f"failed: {failed}")
    total = {SPEED: sum(outcome[SPEED] for outcome in outcomes)}
    worst = {
        name: max(outcome.get(name, 0.0) for outcome in outcomes) for name in ("peak_mb", "first_seconds")
    }
    return total | worst


def _start(case: Case, cores: set[int]) -> "subprocess.Popen[str]":
    one = len(cores) == 1
    threads = dict.fromkeys(THREADS, "1") if one else {}
    xla = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" if one else ""
    paths = os.pathsep.join([str(HERE.parent), str(HERE / "contestants")])
    own = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    version = VERSIONS.get(case.contestant)
    script = str(HERE / "contestants" / f"{SCRIPTS[case.contestant]}.py")
    asked = [str(case.agents), case.environment, case.hidden, case.estimator]
    return subprocess.Popen(
        [python_of(version) if version else sys.executable, script, *asked],
        env=own | threads | {"XLA_FLAGS": xla, "JAX_PLATFORMS": "cpu", "PYTHONPATH": paths},
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
        stdout=subprocess.PIPE,
        text=True,
    )


def run() -> pd.DataFrame:
    """Everyone in turn, a row each: that of the better turn."""
    best: dict[Case, dict[str, float]] = {}
    for turn in range(TURNS):
        for case in cases():
            outcome = measure(case)
            print(f"{turn + 1}: {', '.join(map(str, case))}: {outcome[SPEED]:,.0f} steps/s", flush=True)
            best[case] = max(best.get(case, outcome), outcome, key=lambda of: of[SPEED])
    return pd.DataFrame([case._asdict() | outcome for case, outcome in best.items()])


if __name__ == "__main__":
    measure(Case(OURS, ALONE, 1))  # the code is compiled, if it never was here
    write(run(), HERE / "training_speed")
