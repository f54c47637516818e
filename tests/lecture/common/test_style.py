"""A figure as pictures: the same bytes whatever the last bits of the layout."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from pgpipe.lecture.common.style import house_style, pictures


@pytest.mark.parametrize("moved", [0.0, 0.2])
def test_last_bits_of_a_place_are_not_seen(moved):
    """As the layout's solver does not repeat them; a place that is seen to be another is another picture."""
    made = []
    for nudged in (False, True):
        with house_style():
            figure, axes = plt.subplots(1, 2)
            figure.set_layout_engine("none")
            for ax in axes:
                ax.plot([0, 1], [0, 1])
            if nudged:
                x, *others = axes[1].get_position().bounds
                axes[1].set_position((np.nextafter(x, 1) + moved, *others))
            made.append(pictures(figure)["svg"])
            plt.close(figure)
    assert (made[0] == made[1]) == (not moved)
    assert made[0].count(b'<clipPath id="clip') == 2
    assert b"url(#clip0)" in made[0]
    assert b"url(#clip1)" in made[0]
