"""P4 Bias by estimator against the reference gradient

For every estimator and environment the z-scores of the bias along the true gradient lie inside the band that
an unbiased estimator keeps to.

Bias of the mean estimate along ∇J, in standard errors, one point for each stage of training and batch size.
The reference is exact on the line and the grid; elsewhere it is a large batch, whose own error is part of the
standard error. Of the points of an unbiased estimator 95 % lie in the grey band.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pgpipe.figures.style import WIDTH, markers, palette, readable


def draw(gradient_quality: pd.DataFrame, estimators: pd.DataFrame) -> Figure:
    """One panel for each environment, one row of points for each estimator."""
    environments = gradient_quality["environment"].unique()
    names = list(gradient_quality["estimator"].unique())
    colours, shapes = palette(estimators), markers(estimators)
    figure, axes = plt.subplots(
        1,
        len(environments),
        figsize=(WIDTH, 1.4 + 0.3 * len(names)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    widest = max(4.5, 1.1 * np.nanmax(gradient_quality["bias_z"].abs(), initial=0.0))
    for ax, environment in zip(axes[0], environments, strict=True):
        table = gradient_quality[gradient_quality["environment"] == environment]
        ax.axvspan(-1.96, 1.96, color="0.9", zorder=0)
        ax.axvline(0, color="0.5", lw=0.8)
        for place, name in enumerate(names):
            z = table.loc[table["estimator"] == name, "bias_z"].to_numpy()
            spread = np.linspace(-0.25, 0.25, len(z)) if len(z) > 1 else np.zeros(1)
            ax.plot(z, place + spread, shapes[name], ms=4, color=colours[name], alpha=0.85)
        ax.set(title=readable(environment), xlim=(-widest, widest), xlabel="bias along ∇J (standard errors)")
        ax.grid(visible=False, axis="y")
    axes[0, 0].set_yticks(range(len(names)), [readable(name) for name in names])
    axes[0, 0].set_ylim(len(names) - 0.5, -0.5)
    return figure
