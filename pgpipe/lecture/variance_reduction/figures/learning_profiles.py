"""P7 Performance profiles

A line for up to four estimators, named in the corner, falls from one to zero as the threshold rises, in a
band that is its 95 % interval; over all environments together where they share estimators, else for one
environment.

Share of the training seeds whose final return, the mean of the last tenth of the updates, is above a
threshold. A higher line is better; one that falls late has no bad seeds. Bands are 95 % bootstrap intervals
over the seeds.

Where several environments share estimators, they are taken together: the score is 0 for the untrained
policy and 1 for the best recipe of an environment, and seeds are drawn within each environment. Where no
recipe ends above the untrained policy, an environment has no scores. Otherwise it is the environment with the
most recipes. Up to four recipes are in colour, those of the lecture's ladder first. Profiles of each
environment are in `learning_profiles.csv`.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.intervals import Interval
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.style import WIDTH, markers, palette, readable
from pgpipe.lecture.variance_reduction.figures._named_recipes import OTHERS, named_recipes

POOLED = "all"


def draw(learning_profiles: pd.DataFrame, learning_scores: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """One panel: all environments together, or the one with the most recipes."""
    table = _shown(learning_profiles)
    named, colours, shapes = named_recipes(table, estimators), palette(estimators), markers(estimators)
    figure, ax = plt.subplots(figsize=(WIDTH, 3.3), layout="constrained")
    for recipe, rows in table.groupby("recipe", sort=False):
        if recipe not in named:
            ax.plot(rows["threshold"], rows["share"], color=OTHERS, lw=1.1, zorder=1.5)
    for recipe, label in named.items():
        rows = table[table["recipe"] == recipe]
        estimator = rows["estimator"].iloc[0]
        colour, every = colours[estimator], max(1, len(rows) // 8)
        ax.fill_between(rows["threshold"], rows["low"], rows["high"], color=colour, alpha=0.18, lw=0)
        ax.plot(
            rows["threshold"], rows["share"], color=colour, lw=1.8, marker=shapes[estimator], ms=5,
            markevery=every, label=label,
        )  # fmt: skip
    pooled = table["environment"].iloc[0] == POOLED
    name = "all environments together" if pooled else readable(table["environment"].iloc[0])
    ax.set(
        title=f"{name} ({table['n'].max()} seeds of each estimator)",
        xlabel="score, 0: untrained, 1: best recipe" if pooled else "final return per episode",
        ylabel="share of the seeds above",
        ylim=(-0.03, 1.05),
    )
    # the lines fall from the upper left: its lower half is empty
    ax.legend(loc="lower left", labelcolor="linecolor", fontsize=10)
    return figure


def headline(learning_profiles: pd.DataFrame, learning_scores: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """The best score over all environments against the total return's, where the intervals are apart."""
    plain = composed_of(estimators, signal="total_return", baseline="none")[:1]
    scores = learning_scores.set_index("estimator")
    if len(scores) < 2 or not set(plain) & set(scores.index):
        return ""
    best, total = scores.loc[scores["iqm"].idxmax()], scores.loc[plain[0]]
    if not best["low"] > total["high"]:
        return f"No estimator’s score is clearly above {readable(plain[0])}’s"
    return (
        f"Over {best['environments']:.0f} environments {readable(str(best.name))} scores {best['iqm']:.2f}, "
        f"{readable(plain[0])} {total['iqm']:.2f}"
    )


def findings(learning_profiles: pd.DataFrame, learning_scores: pd.DataFrame, estimators: pd.DataFrame) -> str:
    """The scores over all environments."""
    if learning_scores.empty:
        return ""
    said = [
        f"{readable(row['estimator'])} {Interval.from_columns(row, ('iqm', 'low', 'high'), row['n']):.2f}"
        for row in learning_scores.to_dict("records")
    ]
    return f"Interquartile mean of the score: {', '.join(said)}."


def _shown(profiles: pd.DataFrame) -> pd.DataFrame:
    """The rows of all environments together, or of the environment with the most recipes."""
    recipes = profiles.groupby("environment", sort=False)["recipe"].nunique()
    name = (
        POOLED
        if POOLED in recipes and recipes[POOLED] > 1
        else recipes.drop(POOLED, errors="ignore").idxmax()
    )
    return profiles[profiles["environment"] == name]
