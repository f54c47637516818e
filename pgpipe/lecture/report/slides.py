"""The pictures as slides: each with its finding, and the verdicts of the statements that it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pgpipe.lecture.registry import FigureFile, figure_files
from pgpipe.lecture.report.formats import templates_of
from pgpipe.lecture.report.inline import Sheet
from pgpipe.lecture.report.material import ReportSpec, Row, by_name, heading, read_texts, said, version
from pgpipe.lecture.report.page import style


@dataclass(frozen=True)
class Slide:
    """A picture with what is said of it."""

    figure: FigureFile
    title: str
    picture: Markup
    claims: Sequence[Row]


def write_slides(
    spec: ReportSpec, figures: Mapping[str, bytes], findings: Mapping[str, str], claims: list[Row]
) -> str:
    """All pictures of a run as slides, section by section: one file that needs no network."""
    sources, pictures, told = read_texts(spec["texts"]), by_name(figures), by_name(findings)
    sheet = Sheet()
    slides: dict[str, list[Slide]] = {name: [] for name in sources if name.endswith(".md")}
    for figure in figure_files():
        if figure.name in pictures:
            section = f"{figure.module.split('.')[2]}.md"
            slides[section].append(_slide(figure, pictures[figure.name], told[figure.name], claims, sheet))
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
            sections=[
                (i, heading(sources[name])[1], of_section(claims, name.removesuffix(".md")), own)
                for i, (name, own) in enumerate(slides.items(), 1)
            ],
        )
    )


def of_section(claims: Sequence[Row], section: str) -> list[Row]:
    """The claims of a section."""
    return [claim for claim in claims if claim["section"] == section]


def _slide(figure: FigureFile, svg: bytes, findings: str, claims: Sequence[Row], sheet: Sheet) -> Slide:
    headline, _ = said(findings)
    return Slide(
        figure,
        headline or figure.title,
        Markup(sheet.inline(svg, figure.name, figure.alt)),
        [claim for claim in claims if claim["figure"] in figure.ids],
    )
