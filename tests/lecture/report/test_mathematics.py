"""Formulas of the page: space around names, low norms, commas that stay."""

import re

import pytest

from pgpipe.lecture.report.conversion import converted
from pgpipe.lecture.report.mathematics import in_print, paired, typeset


def page_of(tex):
    """The formula as the page has it, without the TeX that it keeps."""
    html = typeset(converted(tex, "html5", "--mathml"))
    return re.sub(r"<annotation.*?</annotation>", "", html)


@pytest.mark.parametrize(
    ("tex", "before", "after"),
    [
        (r"$a \log b$", True, True),
        (r"$\log b$", False, True),
        (r"$(\log b)$", False, True),
        (r"$a \log(b)$", True, False),
        (r"$\begin{aligned} \log b &= \exp c \end{aligned}$", False, True),
    ],
)
def test_a_name_has_space_where_tex_has_it(tex, before, after):
    name = re.search(
        r"<mrow>(<mspace[^>]*></mspace>)?<mi[^>]*>log</mi>(<mspace[^>]*></mspace>)?</mrow>", page_of(tex)
    )
    assert name
    assert (bool(name[1]), bool(name[2])) == (before, after)


def test_a_name_with_an_index_keeps_it():
    html = page_of(r"$a \max_x f$")
    assert re.search(r"<msub><mrow><mi[^>]*>max</mi><mo>[^<]*</mo></mrow><mi>x</mi></msub>", html)


def test_the_bars_of_a_norm_do_not_grow_with_its_index():
    bars = re.findall(r"<mo([^>]*)>‖</mo>", page_of(r"$\lVert f \rVert^2_{\Sigma^{-1}}$"))
    assert len(bars) == 2
    assert all('stretchy="false"' in bar for bar in bars)


def test_a_comma_stays_at_its_formula():
    html = page_of("We take ($x$), then $y$. All of $z$ and\n\n$$ w $$, too.")
    held = re.findall(r'<span class="held">(.)?<math.*?</math>(\W*)</span>', html)
    assert held == [("(", "),"), ("", ".")]
    assert html.count("<math") == 4


def test_what_is_changed_is_no_box():
    html = page_of(r"$a + \boxed{b}$")
    assert '<mrow class="changed"><mi>b</mi></mrow>' in html
    assert "menclose" not in html


@pytest.mark.parametrize(
    ("tex", "typst"),
    [
        (r"\Big( x \big[ y \big] \Big)", r"\left( x \left[ y \right] \right)"),
        (r"\Big[ x & y \\ z \Big]", r"\Big[ x & y \\ z \Big]"),
        (r"\Big[ \Big( & \Big( y \Big) \Big) \\ \Big]", r"\Big[ \Big( & \left( y \right) \Big) \\ \Big]"),
        (r"\big|_{x}", r"\big|_{x}"),
    ],
)
def test_brackets_are_paired_within_their_cell(tex, typst):
    """Pandoc refuses `\\left` without its `\\right`."""
    assert paired(tex) == typst


def test_brackets_of_two_cells_keep_their_size_in_print():
    tex = r"$\begin{aligned} J = E \Big[ &\Big( x \Big) \\ & y \big] \end{aligned}$"
    typst = in_print(converted(paired(tex), "typst"))
    assert r"lr(\[, size: #2.4em)" in typst
    assert r"lr(\], size: #1.6em)" in typst
    assert "(x)" in typst
    assert "scale" not in typst
