"""What `training_speed.py` has measured on one kind of processor: the table, ratios in words, and a plot."""

import sys
from datetime import date
from pathlib import Path
from platform import python_version, uname

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from jax_versions import CURRENT, OLDER

from pgpipe.jobs.provenance import machine

OURS, PLAIN = "pgpipe", "pgpipe without a compiler"
JAX, OLDER_JAX = f"JAX {CURRENT}", f"JAX {OLDER}"
AUTOGRAD, A2C, BOUND = "PyTorch with autograd", "Stable-Baselines3 A2C", "bound"
TOGETHER, PINNED, ALONE = "one process, both cores", "two processes, a core each", "one process, one core"
# beside CartPole's 64 × 64
SHAPES = (
    ("CartPole-v1", "32"),
    ("CartPole-v1", "256,256"),
    ("Acrobot-v1", "64,64"),
    ("Pendulum-v1", "64,64"),
    ("MountainCarContinuous-v0", "64,64"),
)
SPEED = "steps_per_second"


def write(table: pd.DataFrame, folder: Path) -> None:
    """The table, the words and the plot, in place of those of the last processor with these instructions."""
    here = machine()
    file = folder / here["instructions"].lower()
    table.round({SPEED: 0, "peak_mb": 0, "first_seconds": 1}).to_csv(file.with_suffix(".csv"), index=False)
    main = _main(table)
    text = "\n\n".join(
        [_title(here), _everyone(main), _agents(main), _shapes(table), _estimators(table), _ends(main)]
    )
    file.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    _plot(main, file.with_suffix(".svg"))


def _main(table: pd.DataFrame) -> pd.DataFrame:
    """CartPole, 64 × 64, by REINFORCE."""
    case = (table["environment"] == "CartPole-v1") & (table["hidden"] == "64,64")
    return table[case & table["estimator"].isin(["reinforce", "plain"])]


def _title(here: dict[str, str]) -> str:
    return (
        "# Collected and trained steps per second\n\n"
        f"CartPole-v1, tanh 64 × 64, 32 environments an agent, on two cores of {here['cpu']} "
        f"({here['instructions']}), {date.today()}, Python {python_version()}, {uname().system}. "
        "Everyone has two turns, and the better one counts. Written by `make bench`."
    )


def _rows(header: str, lines: list[str]) -> str:
    columns = header.count("|") - 1
    return "\n".join([header, "|---" * columns + "|", *lines])


def _everyone(main: pd.DataFrame) -> str:
    ours = main.loc[main["contestant"] == OURS, SPEED].max()
    lines = [
        f"| {r.contestant} | {r.mode} | {r.agents} | {r.steps_per_second:,.0f} "
        f"| {ours / r.steps_per_second:.2f} × | {r.peak_mb:,.0f} MB |"
        for r in main.itertuples()
    ]
    header = "| what | mode | agents in a process | steps/s | pgpipe's best is | memory of a process |"
    return (
        _rows(header, lines) + "\n\nFor A2C the number is that of its environments. The\n"
        "bound counts the network's multiplications\n"
        "and tanh alone, at the rates that numpy's libraries reach on one core of this machine."
    )


def _agents(main: pd.DataFrame) -> str:
    """Ours beside the best mode of the best JAX with as many agents."""
    bound = main.loc[main["contestant"] == BOUND, SPEED].max()
    best = main.pivot_table(SPEED, index="agents", columns="contestant", aggfunc="max")
    best = best.dropna(subset=[OURS, JAX])
    rival = best[[JAX, OLDER_JAX]].max(axis=1)
    which = best[[JAX, OLDER_JAX]].idxmax(axis=1)
    lines = [
        f"| {agents} | {best.loc[agents, OURS]:,.0f} | {best.loc[agents, PLAIN]:,.0f} | {rival[agents]:,.0f} "
        f"({which[agents]}) | {best.loc[agents, OURS] / rival[agents]:.2f} × "
        f"| {best.loc[agents, OURS] / bound:.0%} |"
        for agents in best.index
    ]
    header = "| agents in a process | pgpipe | without a compiler | the best JAX | pgpipe is | of the bound |"
    return "## By number of agents\n\n" + _rows(header, lines)


def _shapes(table: pd.DataFrame) -> str:
    lines = []
    for environment, hidden in SHAPES:
        case = table[(table["environment"] == environment) & (table["hidden"] == hidden)]
        for agents, rows in case[case["estimator"] == "reinforce"].groupby("agents"):
            speed = rows.groupby("contestant")[SPEED].max()
            rival = speed[[JAX, OLDER_JAX]]
            lines.append(
                f"| {environment} | {hidden.replace(',', ' × ')} | {agents} | {speed[OURS]:,.0f} "
                f"| {rival.max():,.0f} ({rival.idxmax()}) | {speed[OURS] / rival.max():.2f} × |"
            )
    header = "| environment | hidden layers | agents in a process | pgpipe | the best JAX | pgpipe is |"
    return "## Other networks and environments\n\n" + _rows(header, lines)


def _estimators(table: pd.DataFrame) -> str:
    """What others cost over REINFORCE, in microseconds of a core."""
    case = table[(table["contestant"] == OURS) & (table["agents"] == 16) & (table["hidden"] == "64,64")]
    speed = case[case["environment"] == "CartPole-v1"].set_index("estimator")[SPEED]
    lines = [
        f"| {name} | {value:,.0f} | {2e6 / value:.2f} | {speed['reinforce'] / value:.1f} × |"
        for name, value in speed.items()
    ]
    header = "| estimator | steps/s | µs of a core a step | REINFORCE is |"
    return "## Other estimators, 16 agents a process\n\n" + _rows(header, lines)


def _ends(main: pd.DataFrame) -> str:
    best = main.groupby("contestant")[SPEED].max()
    a2c = main[(main["contestant"] == A2C) & (main["agents"] == 8)][SPEED].iloc[0]
    first = main.loc[main["contestant"] == OURS, "first_seconds"].max()
    return "\n".join(
        [
            f"- {best[OURS] / best[[JAX, OLDER_JAX]].max():.2f} × the best that JAX reaches in any version, "
            "mode and number of agents",
            f"- {best[OURS] / a2c:,.0f} × Stable-Baselines3's A2C with 8 environments",
            f"- {best[OURS] / best[BOUND]:.0%} of the bound",
            f"- a process's first update takes {first:.1f} CPU seconds at most, to load the code, "
            "which is compiled once on a machine",
        ]
    )


def _plot(main: pd.DataFrame, file: Path) -> None:
    plt.rcParams |= {"svg.hashsalt": "pgpipe", "svg.fonttype": "none"}
    figure, (speeds, memory) = plt.subplots(1, 2, figsize=(9, 3.9), layout="constrained")
    shown = main[~main["contestant"].isin([A2C, BOUND])]
    for (name, mode), rows in shown.groupby(["contestant", "mode"], sort=False):
        agents = rows["agents"] * (2 if mode == PINNED else 1)
        speeds.plot(agents, rows[SPEED] / 1e6, "o-", ms=4, label=f"{name}, {mode}")
        memory.plot(rows["agents"], rows["peak_mb"] / 1024, "o-", ms=4)
    bound = float(main.loc[main["contestant"] == BOUND, SPEED].max())
    speeds.axhline(bound / 1e6, color="0.4", ls="--", lw=1)
    speeds.annotate("bound", (1, bound / 1.03e6), va="top", color="0.4")
    speeds.set(xscale="log", yscale="log", xlabel="agents", ylabel="million steps/s")
    memory.set(xscale="log", xlabel="agents in a process", ylabel="memory of a process (GiB)", ylim=(0, None))
    figure.legend(loc="outside lower center", ncols=2, fontsize=8)
    figure.savefig(file, metadata={"Date": None})
