"""How fast many seeds train, beside what people would use instead: `make bench`.

CartPole-v1, a tanh network of 64 × 64, 32 environments an agent, episodes of at most 200 steps. Everyone is
measured in the same run on the same two cores, after a warm-up, in processes of its own: one on both cores,
or two that are pinned to a core each, whose speeds add up. Writes, beside this file, the table
`training_speed.csv`, the same with ratios as `training_speed.md`, and the plot `training_speed.svg`.
"""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from platform import python_version, uname

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd

HERE = Path(__file__).resolve().parent
CORES = sorted(os.sched_getaffinity(0))[:2]
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# Where set, they make OpenBLAS compute as on another processor than this one.
ELSEWHERE = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")

OURS, JAX, A2C, BOUND = "pgpipe", "JAX, compiled and vmapped", "Stable-Baselines3 A2C", "bound"
TOGETHER, PINNED, ALONE = "one process, both cores", "two processes, a core each", "one process, one core"
# name, script, numbers of agents (of environments for A2C) that each process has, modes
CONTESTANTS = [
    (OURS, "pgpipe_engine", (1, 4, 16, 32, 64), (PINNED,)),
    (JAX, "jax_vmapped", (1, 4, 16, 32, 64), (TOGETHER, PINNED)),
    ("PyTorch with autograd", "torch_autograd", (16, 64), (TOGETHER, PINNED)),
    (A2C, "sb3_a2c", (8, 32), (ALONE,)),
    (BOUND, "bound", (1,), (PINNED,)),
]


def measure(script: str, agents: int, mode: str) -> dict[str, float]:
    """Steps per second of all processes of a mode together, and the memory of the largest."""
    places = [{CORES[0]}, {CORES[1]}] if mode == PINNED else [{CORES[0]} if mode == ALONE else set(CORES)]
    started = [_start(script, agents, place) for place in places]
    outcomes = [json.loads(process.communicate()[0].splitlines()[-1]) for process in started]
    if failed := [process.args for process in started if process.returncode]:
        raise SystemExit(f"failed: {failed}")
    total = {"steps_per_second": sum(outcome["steps_per_second"] for outcome in outcomes)}
    return total | {"peak_mb": max(outcome["peak_mb"] for outcome in outcomes)}


def _start(script: str, agents: int, cores: set[int]) -> "subprocess.Popen[str]":
    one = len(cores) == 1
    threads = dict.fromkeys(THREADS, "1") if one else {}
    xla = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" if one else ""
    paths = os.pathsep.join([str(HERE.parent), str(HERE / "contestants")])
    own = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    return subprocess.Popen(
        [sys.executable, str(HERE / "contestants" / f"{script}.py"), str(agents)],
        env=own | threads | {"XLA_FLAGS": xla, "JAX_PLATFORMS": "cpu", "PYTHONPATH": paths},
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
        stdout=subprocess.PIPE,
        text=True,
    )


def run() -> pd.DataFrame:
    """Everyone in turn, a row each."""
    rows = []
    for name, script, sizes, modes in CONTESTANTS:
        for mode in modes:
            for agents in sizes:
                row = {"contestant": name, "mode": mode, "agents": agents, **measure(script, agents, mode)}
                print(f"{name}, {mode}, {agents}: {row['steps_per_second']:,.0f} steps/s", flush=True)
                rows.append(row)
    return pd.DataFrame(rows)


def write(table: pd.DataFrame) -> None:
    """The table, the words and the plot."""
    table.round({"steps_per_second": 0, "peak_mb": 0}).to_csv(HERE / "training_speed.csv", index=False)
    best = table.loc[table.groupby(["contestant", "mode"], sort=False)["steps_per_second"].idxmax()]
    speed = best.groupby("contestant")["steps_per_second"].max()
    ours = speed[OURS]
    a2c = table[(table["contestant"] == A2C) & (table["agents"] == 8)]["steps_per_second"].iloc[0]
    lines = [
        "# Collected and trained steps per second",
        "",
        f"CartPole-v1, tanh 64 × 64, 32 environments an agent, on two cores of {_cpu()}, {date.today()}, "
        f"Python {python_version()}, {uname().system}. Written by `make bench`.",
        "",
        "| what | mode | agents in a process | steps/s | pgpipe's best is | memory of a process |",
        "|---|---|---:|---:|---:|---:|",
        *(
            f"| {r.contestant} | {r.mode} | {r.agents} | {r.steps_per_second:,.0f} "
            f"| {ours / r.steps_per_second:.2f} × | {r.peak_mb:,.0f} MB |"
            for r in table.itertuples()
        ),
        "",
        "For A2C the number is that of its environments. The bound counts the network's multiplications and",
        "tanh alone, at the rates that one core of this machine reaches.",
        "",
        f"- by number of agents in a process, over the JAX version in its better mode: {_ratios(table)}",
        f"- {ours / speed[JAX]:.2f} × the best that JAX reaches with any number of agents",
        f"- {ours / a2c:,.0f} × Stable-Baselines3's A2C with 8 environments",
        f"- {ours / speed[BOUND]:.0%} of the bound",
    ]
    (HERE / "training_speed.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _plot(table, float(speed[BOUND]))


def _ratios(table: pd.DataFrame) -> str:
    """Our speed over JAX's with as many agents."""
    best = table.pivot_table("steps_per_second", index="agents", columns="contestant", aggfunc="max")
    return ", ".join(
        f"{agents}: {ratio:.2f} ×" for agents, ratio in (best[OURS] / best[JAX]).dropna().items()
    )


def _plot(table: pd.DataFrame, bound: float) -> None:
    plt.rcParams |= {"svg.hashsalt": "pgpipe", "svg.fonttype": "none"}
    figure, (speeds, memory) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    shown = table[~table["contestant"].isin([A2C, BOUND])]
    for (name, mode), rows in shown.groupby(["contestant", "mode"], sort=False):
        agents = rows["agents"] * (2 if mode == PINNED else 1)
        speeds.plot(agents, rows["steps_per_second"] / 1e6, "o-", ms=4, label=f"{name}, {mode}")
        memory.plot(rows["agents"], rows["peak_mb"] / 1024, "o-", ms=4)
    speeds.axhline(bound / 1e6, color="0.4", ls="--", lw=1)
    speeds.annotate("bound", (1, bound / 1.03e6), va="top", color="0.4")
    speeds.set(xscale="log", yscale="log", xlabel="agents", ylabel="million steps/s")
    memory.set(xscale="log", xlabel="agents in a process", ylabel="memory of a process (GiB)", ylim=(0, None))
    figure.legend(loc="outside lower center", ncols=2, fontsize=8)
    figure.savefig(HERE / "training_speed.svg", metadata={"Date": None})


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(line.partition(": ")[2] for line in lines if line.startswith("model name"))


if __name__ == "__main__":
    write(run())
