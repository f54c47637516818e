"""The pictures as slides: each with its finding, and the verdicts of the statements that it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pgpipe.lecture.declared import FigureFile
from pgpipe.lecture.registry import figure_files
from pgpipe.lecture.report.formats import templates_of
from pgpipe.lecture.report.inline import Sheet, proportion
from pgpipe.lecture.report.material import (
    VERDICTS,
    ReportSpec,
    Row,
    by_name,
    heading,
    in_order,
    question,
    read_texts,
    said,
    version,
)
from pgpipe.lecture.report.page import style

# Height over width from which on a picture leaves more room beside it than above it.
TALL = 0.6


@dataclass(frozen=True)
class Slide:
    """A picture with what is said of it."""

    figure: FigureFile
    title: str
    picture: Markup
    tall: bool
    claims: Sequence[Row]


@dataclass(frozen=True)
class Section:
    """What a section asks and tests, and its slides."""

    number: int
    title: str
    question: str
    claims: Sequence[Row]
    slides: Sequence[Slide]


def write_slides(
    spec: ReportSpec, figures: Mapping[str, bytes], findings: Mapping[str, str], claims: list[Row]
) -> str:
    """All pictures of a run as slides, section by section: one file that needs no network."""
    sources, pictures, told = read_texts(spec["texts"]), by_name(figures), by_name(findings)
    sheet = Sheet()

    def slide(figure: FigureFile) -> Slide:
        picture = pictures[figure.name]
        return Slide(
            figure,
            title=said(told[figure.name])[0] or figure.title,
            picture=Markup(sheet.inline(picture, figure.name, figure.alt)),
            tall=proportion(picture) > TALL,
            claims=[claim for claim in claims if claim["figure"] in figure.ids],
        )

    def section(number: int, name: str) -> Section:
        own = [f for f in figure_files() if f.name in pictures and f.section == name]
        source = sources[f"{name}.md"]
        tested = [claim for claim in claims if claim["section"] == name]
        slides = [slide(figure) for figure in in_order(own, source)]
        return Section(number, heading(source)[1], question(source), tested, slides)

    names = [name.removesuffix(".md") for name in sources if name.endswith(".md")]
    every = [section(number, name) for number, name in enumerate(names, 1)]
    light, dark = sheet.style()
    return (
        templates_of(sources)
        .get_template("slides.html.j2")
        .render(
            version=version(),
            seed=spec["config"]["seed"],
            style=Markup(style(sources, light, dark)),
            kinds=Markup(sheet.rules()),
            looks=Markup(sources["slides.css"]),
            script=Markup(sources["slides.js"]),
            letters=Markup(sheet.letters_svg()),
            sections=[section for section in every if section.slides or section.claims],
            by_verdict={word: [c for c in claims if c["verdict"] == word] for word in VERDICTS},
        )
    )
