"""What the text of section 7 says in numbers."""

import pandas as pd

from pgpipe.lecture.common.words import number, percent


def what_is_saved(gradient_costs: pd.DataFrame) -> str:
    """Operations, bytes and calls of the pseudo-loss beside those of the loop, in the largest case."""
    table = gradient_costs[gradient_costs["parameters"] == gradient_costs["parameters"].max()]
    rows = table[table["samples"] == table["samples"].max()].set_index("way")
    if not {"loop", "pseudo_loss"} <= set(rows.index):
        return ""
    loop, loss = rows.loc["loop"], rows.loc["pseudo_loss"]
    work, moved = (percent(loss[name] / loop[name]) for name in ("operations", "bytes_moved"))
    return (
        f"With {loss['parameters']:,.0f} parameters and {loss['samples']:,.0f} samples the pseudo-loss takes "
        f"{work} of the loop's operations, but moves {moved} of its bytes, in {number(loss['calls'], 3)} "
        f"calls instead of {number(loop['calls'], 3)}."
    )
