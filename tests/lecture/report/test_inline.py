"""Pictures take few bytes and few elements inside the page, and look as they were drawn."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from pgpipe.lecture.common.style import house_style, pictures
from pgpipe.lecture.report.inline import Sheet
from pgpipe.lecture.report.lettering import FONTS
from pgpipe.lecture.report.outlines import shortened


def points(path):
    """Where a path of m, l, q, c and z goes, as absolute points."""
    at = start = np.zeros(2)
    found, sizes = [], {"m": 1, "l": 1, "q": 2, "c": 3}
    for command, rest in re.findall(r"([mlqcz])([^mlqcz]*)", path):
        if command == "z":
            at = start
            continue
        numbers = [float(n) for n in re.findall(r"-?(?:\d+\.\d+|\.\d+|\d+)", rest)]
        pairs = np.reshape(numbers, (-1, sizes[command], 2))
        for i, group in enumerate(pairs):
            found += [at + pair for pair in group]
            at = found[-1]
            start = at if command == "m" and i == 0 else start
    return np.array(found)


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("M 0.123456 1.000000 L 2.5 3", "m.12 1 2.38 2"),
        ("M 1 1 L 2 0.5 L 2 0.004 z M 5 5", "m1 1 1-.5 0-.5zm4 4"),
        ("M 10 10 Q 11 12 13 14 L 13 15", "m10 10q1 2 3 4l0 1"),
        ("M 0 0 L 0.5 0.25 L 1 -0.005", "m0 0 .5.25.5-.25"),
        ("", ""),
    ],
)
def test_a_path_goes_by_distances(long, short):
    assert shortened(long, 2) == short


def test_a_long_path_does_not_drift():
    """Each point is within half a unit of the last place of where it was drawn, after thousands of others."""
    places = np.cumsum(np.random.default_rng(0).normal(0.003, 1.0, (5000, 2)), axis=0)
    path = " L ".join(f"{x:.6f} {y:.6f}" for x, y in places)
    assert np.abs(points(shortened(f"M {path}", 2)) - places).max() < 0.005 + 1e-6


def test_other_commands_are_an_error():
    with pytest.raises(KeyError):
        shortened("M 0 0 A 1 1 0 0 0 2 2", 2)


@pytest.fixture(scope="module")
def drawn():
    """A picture with words, turned words, bold words and a formula, in the house's style."""
    with house_style():
        figure = Figure(figsize=(3, 2))
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1])
        axes.set_xlabel("α & ‖J‖ < −1")
        axes.set_ylabel("turned")
        axes.set_title("Bold")
        axes.text(0.5, 0.5, "$10^{3}$")
        return pictures(figure)["svg"]


def texts(svg):
    """Each text of an inline picture, with its attributes."""
    return {t.text: t.attrib for t in ET.fromstring(svg).iter("text")}


def test_words_are_text_and_formulas_are_drawn(drawn):
    sheet = Sheet()
    found = texts(sheet.inline(drawn, "one", "Alt"))
    assert {"α & ‖J‖ < −1", "turned", "Bold"} <= set(found)
    assert not any("10" in word for word in found)
    rules = dict(re.findall(r"\.(\w+)\{(.*)\}", sheet.rules()))
    assert "font-size: 9.5px" in rules[found["turned"]["class"]]
    assert "rotate(-90)" in found["turned"]["transform"]
    assert "font-weight: 600" in rules[found["Bold"]["class"]]
    assert "font-weight" not in rules[found["turned"]["class"]]


def test_letters_that_no_picture_uses_are_not_kept(drawn):
    sheet = Sheet()
    inside = sheet.inline(drawn, "one", "Alt")
    kept = re.findall(r'id="(\w+)"', sheet.letters_svg())
    assert set(kept) == set(re.findall(r'<use[^>]* href="#(\w+)"', inside)) & set(kept)
    assert len(kept) >= 3  # 1, 0 and 3


def test_words_stand_where_they_were_drawn(drawn):
    """By the font's own widths a text is as wide as the letters that matplotlib placed."""
    root = ET.fromstring(drawn)
    svg, link = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
    with TTFont(FONTS / "LectureSans-Regular.ttf") as font:
        metrics = font["hmtx"].metrics.items()
        widths = {f"#Lecture-Sans-Regular-{font.getGlyphID(n):x}": width for n, (width, _) in metrics}
    for group in root.iter(f"{svg}g"):
        letters = group.findall(f"{svg}use")
        if len(letters) == len("turned") and all(use.get(link) in widths for use in letters):
            last = float(re.findall(r"translate\((\S+) 0\)", letters[-1].attrib["transform"])[0])
            assert last == pytest.approx(sum(widths[use.attrib[link]] for use in letters[:-1]) / 10, rel=0.02)
            break
    else:
        pytest.fail("no word of six letters")


def test_groups_that_say_nothing_are_gone(drawn):
    root = ET.fromstring(Sheet().inline(drawn, "one", "Alt"))
    assert all(group.attrib for group in root.iter("g"))
    assert all(len(part) for kind in ("g", "defs") for part in root.iter(kind))


def test_a_picture_is_the_same_each_time(drawn):
    assert Sheet().inline(drawn, "one", "Alt") == Sheet().inline(drawn, "one", "Alt")


def test_the_outline_of_a_curve_is_that_of_the_svg():
    """A quadratic and a cubic, by matplotlib's own reading of both."""
    codes = [Outline.MOVETO, Outline.CURVE3, Outline.CURVE3, Outline.CURVE4, Outline.CURVE4, Outline.CURVE4]
    vertices = [(1, 1), (2, 3), (4, 4), (5, 5), (6, 3), (7, 7)]
    path = "M 1 1 Q 2 3 4 4 C 5 5 6 3 7 7"
    assert np.allclose(points(shortened(path, 2)), Outline(vertices, codes).vertices)
