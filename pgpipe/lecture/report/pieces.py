"""The pieces of the page in HTML."""

from typing import Any

import yaml
from jinja2 import Environment
from markupsafe import Markup, escape

from pgpipe.lecture.declared import FigureFile
from pgpipe.lecture.report.formats import SHOWN_ROWS, html_table
from pgpipe.lecture.report.inline import Sheet
from pgpipe.lecture.report.material import Material, Row, said
from pgpipe.lecture.report.placed import Placed

# Where Markdown stands inside a piece of HTML.
INSIDE = Markup("<!--inside-->")


class Pieces(Placed):
    """HTML is kept aside and its place marked: pandoc converts the words, `put_back` returns the rest."""

    def __init__(self, material: Material, templates: Environment, sheet: Sheet) -> None:
        super().__init__(material)
        self.templates = templates
        self.sheet = sheet
        self.kept: list[str] = []

    def show_number(self, number: int, skipped: int, text: str) -> str:
        """Those that are left out count as well."""
        return self._keep(f'<div style="counter-increment: section {skipped}"></div>') + text

    def show_equation(self, id: str, formula: str, checks: list[Row]) -> str:
        """The checks fold beside the formula."""
        return self._around("equation", f"$$ {formula} $$", id=id, checks=checks)

    def show_figures(self, ids: list[str], figures: list[FigureFile]) -> str:
        """Each with the numbers behind it, its code, and how to draw it again."""
        pictures = "".join(self._picture(figure) for figure in figures)
        anchor = f' id="{escape(ids[0])}"' if ids else ""
        return self._keep(f'<div class="figures"{anchor}>') + pictures + self._keep("</div>")

    def _picture(self, figure: FigureFile) -> str:
        material = self.material
        _, findings = said(material.findings[figure.name])
        makers = self._makers(figure)
        self.modules |= {figure.module, *makers}
        return self._around(
            "figure",
            f"{figure.caption}\n\n{findings}",
            figure.method,
            figure=figure,
            title=material.headline(figure),
            picture=Markup(self.sheet.inline(material.pictures[figure.name], figure.name, figure.alt)),
            makers=makers,
            tables=[
                (name, len(material.tables[name]), html_table(material.tables[name], SHOWN_ROWS))
                for name in figure.tables
            ],
            shown=SHOWN_ROWS,
        )

    def _makers(self, figure: FigureFile) -> dict[str, str]:
        """The modules that measured what a figure shows, each with what the config told it."""
        rows = [row for table in figure.tables for row in self.material.makers(f"reports/tables/{table}.csv")]
        told: dict[str, str] = {}
        for row in rows:
            spec = yaml.safe_dump(row["spec"], sort_keys=False, default_flow_style=None, width=88)
            told.setdefault(row["function"].partition(":")[0], spec)
        return told

    def show_claim(self, claim: Row, cases: list[Row]) -> str:
        """A claim whose cases fold."""
        return self._keep(self._render("claim", claim=claim, cases=cases))

    def show_findings(self, found: list[Row]) -> str:
        """A list of links."""
        return self._keep(self._render("findings", found=found))

    def show_listing(self, module: str, code: str, marked: list[int]) -> str:
        """Code in its colours, with a link to its file."""
        block = f'``` {{.python mark="{" ".join(map(str, marked))}"}}\n{code}\n```\n'
        return self._around("listing", block, module=module)

    def show_exercise(self, question: str, answer: str) -> str:
        """The answer is folded."""
        opened = self._keep('<div class="exercise"><p class="label">Exercise</p>')
        fold = self._keep("<details><summary>Answer</summary>")
        return f"{opened}{question}\n\n{fold}{answer}\n\n{self._keep('</details></div>')}"

    def widget(self, name: str) -> str:
        """Where a script puts it; without the script nothing is seen."""
        return self._keep(f'<div class="widget" data-widget="{escape(name)}" hidden></div>')

    def put_back(self, html: str) -> str:
        """The converted text with all that was kept aside in its place."""
        first, *rest = html.split("<!--kept-")
        parts = [piece.partition("-->") for piece in rest]
        return first + "".join(self.kept[int(place)] + after for place, _, after in parts)

    def _around(self, template: str, *markdown: str, **values: Any) -> str:
        """Markdown where the template says `inside`, piece by piece."""
        html = self._render(template, inside=INSIDE, **values).split(str(INSIDE))
        text = [f"{self._keep(before)}{piece}\n\n" for before, piece in zip(html, markdown, strict=False)]
        return "".join([*text, self._keep(html[-1])])

    def _render(self, template: str, **values: Any) -> str:
        return self.templates.get_template(f"{template}.html.j2").render(**values)

    def _keep(self, html: str) -> str:
        self.kept.append(html)
        return f"```{{=html}}\n<!--kept-{len(self.kept) - 1}-->\n```\n\n"
