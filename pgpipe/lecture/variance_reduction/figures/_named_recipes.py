"""Which recipes of a panel are drawn in colour and by name, and what they are called."""

import pandas as pd

from pgpipe.lecture.common.ladder import rungs
from pgpipe.lecture.common.style import readable

NAMED = 4  # lines of a panel in colour; all others are grey
OTHERS = "0.62"


def named_recipes(table: pd.DataFrame, estimators: pd.DataFrame) -> dict[str, str]:
    """The recipes of an environment that are drawn in colour, and their labels, in the table's order.

    First those of the lecture's ladder, then the others as the table has them. A label is the estimator, or
    the recipe where two recipes have the same.
    """
    recipes = table.drop_duplicates("recipe").set_index("recipe")["estimator"]
    ladder = rungs(estimators)
    first = sorted(recipes.index, key=lambda name: recipes[name] not in ladder)[:NAMED]
    several = recipes.duplicated(keep=False)
    return {
        str(name): readable(str(name) if several[name] else recipes[name])
        for name in recipes.index
        if name in first
    }
