"""The homework's acceptance numbers as distributions: `python benchmarks/homework.py runs/hw2`.

Reads the learning curves of a run of `workflow/presets/hw2.yaml` and writes `homework.md` beside this file. A
seed reaches a number when the mean return of one of its batches does, which is what the homework plots.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from pgpipe.lecture.variance_reduction.learning import final_returns
from pgpipe.statistics import interquartile_mean_intervals

HERE = Path(__file__).resolve().parent
RESAMPLES = 10_000

# environment, the return that is asked for, what the course or its students published
ASKED = {
    "cartpole": (200, "the best run of each batch size reaches 200"),
    "half_cheetah": (300, "above 300 with the baseline, below 0 without"),
    "inverted_pendulum": (1_000, "1,000 within 100,000 steps; tuned, in 32,900 (median of 8 seeds)"),
    "lunar_lander": (180, "the best λ reaches 180"),
}


def row(recipe: str, curves: pd.DataFrame, asked: float) -> str:
    """A line of the table: what the seeds of a recipe reached, and after how many steps."""
    finals = final_returns(curves)["final_return"].to_numpy()
    (mean,) = interquartile_mean_intervals(finals[:, None], RESAMPLES, np.random.default_rng(0))
    best = curves.groupby("seed")["mean_return"].max()
    there = curves[curves["mean_return"] >= asked].groupby("seed")["env_steps"].min()
    steps = f"{there.median():,.0f}" if len(there) else ""
    return (
        f"| {recipe} | {mean:.0f} "
        f"| {best.median():.0f} ({best.min():.0f} to {best.max():.0f}) "
        f"| {len(there)} of {len(finals)} | {steps} |"
    )


def main(run: Path) -> None:
    """A table for each environment."""
    curves = pd.read_csv(run / "reports/tables/learning_curves.csv")
    lines = [
        "# The homework's experiments",
        "",
        "`workflow/presets/hw2.yaml`, whose settings are the homework's. Final return: interquartile mean",
        "over the seeds of the last tenth of the updates, 95 % bootstrap interval. Best batch: the highest",
        "mean return of a seed's batches, median and range over seeds.",
        "Written by `python benchmarks/homework.py`.",
    ]
    for environment, rows in curves.groupby("environment", sort=False):
        asked, published = ASKED[str(environment)]
        lines += [
            "",
            f"## {environment}: {published}",
            "",
            f"| recipe | final return | best batch | seeds that reached {asked:,} | after steps (median) |",
            "|---|---:|---:|---:|---:|",
            *(row(str(recipe), own, asked) for recipe, own in rows.groupby("recipe", sort=False)),
        ]
    notes = HERE / "homework_notes.md"
    text = "\n".join(lines) + "\n" + (f"\n{notes.read_text(encoding='utf-8')}" if notes.exists() else "")
    (HERE / "homework.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
