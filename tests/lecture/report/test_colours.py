"""Colours for a dark page keep their order and can be read on it."""

import itertools

import pytest

from pgpipe.lecture.common.style import COLOURS, DIRECTION_COLOURS, STAGE_COLOURS
from pgpipe.lecture.report.colours import contrast, darkened


@pytest.mark.parametrize("colour", [*COLOURS, *STAGE_COLOURS, *DIRECTION_COLOURS.values()])
def test_every_colour_can_be_read_on_light_and_dark(colour):
    """WCAG 2 asks for 3 of what carries meaning in a picture."""
    assert contrast(colour.lower(), "#ffffff") >= 3
    assert contrast(darkened(colour.lower()), darkened("#ffffff")) >= 3


def test_contrast_is_that_of_the_standard():
    """Black on white is 21 by definition, and it does not matter which is named first."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(
        4.48, abs=0.01
    )  # the standard's own example of 4.5


def test_greys_are_turned_over():
    greys = [f"#{level:02x}{level:02x}{level:02x}" for level in range(0, 256, 15)]
    lightness = [int(darkened(grey)[1:3], 16) for grey in greys]
    assert all(a > b for a, b in itertools.pairwise(lightness))
    assert darkened("#ffffff") == "#161616"


def test_a_colour_stays_the_colour_it_is():
    """Blue stays blue: the largest of its three parts is the same."""
    for colour in ("#0072b2", "#d55e00", "#009e73"):
        parts, dark = ([int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (colour, darkened(colour)))
        assert parts.index(max(parts)) == dark.index(max(dark))
