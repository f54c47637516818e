"""How what is made of a group looks: in the colour of the config's estimator that does it."""

import pandas as pd

from pgpipe.lecture.common.looks import Look
from pgpipe.lecture.common.style import COLOURS, palette

# By form: what a config's estimator that does it is composed of, its marker, and what it is called.
FORMS = {
    "leave_one_out": ({"baseline": "group_mean"}, "o", "others’ mean (RLOO)"),
    "own_mean": ({"baseline": "group_batch_mean"}, "s", "own mean (Dr. GRPO)"),
    "normalized": ({"normalized_over": "group"}, "^", "normalised (GRPO)"),
}


def form_looks(estimators: pd.DataFrame) -> dict[str, Look]:
    """Each form's look."""
    colours = palette(estimators)
    looks = {}
    for i, (form, (parts, marker, label)) in enumerate(FORMS.items()):
        fits = pd.Series(True, index=estimators.index)
        for column, entry in parts.items():
            fits &= estimators.get(column, pd.Series("", index=estimators.index)) == entry
        named = estimators.loc[fits, "estimator"]
        looks[form] = Look(colours[named.iloc[0]] if len(named) else COLOURS[i], marker, "-", label)
    return looks
