"""What a section's text can place: equations, figures, claims, findings, code, as Markdown for pandoc."""

import ast
from collections.abc import Callable, Iterable
from typing import Any

import yaml
from jinja2 import Environment
from markupsafe import Markup, escape

from pgpipe.lecture.registry import FigureFile
from pgpipe.lecture.report.embedded import source
from pgpipe.lecture.report.formats import SHOWN_ROWS, html_table
from pgpipe.lecture.report.inline import Sheet
from pgpipe.lecture.report.material import Material, Row, said

# Where Markdown stands inside a piece of HTML.
INSIDE = Markup("<!--inside-->")


class Pieces:
    """The pieces of one page of HTML.

    HTML is kept aside and its place marked, so that pandoc converts the words alone; `put_back` returns it.
    """

    def __init__(self, material: Material, templates: Environment, sheet: Sheet) -> None:
        self.material = material
        self.templates = templates
        self.sheet = sheet
        self.cited: set[str] = set()  # ids that the text has placed so far
        self.missing: set[str] = set()  # those of them that this run has nothing for
        self.modules: set[str] = set()  # whose source the page shows
        self.kept: list[str] = []

    def placed_by_text(self) -> dict[str, Callable[..., str]]:
        """The names that a section's text can use."""
        return {
            "equation": self.equation,
            "figure": self.figure,
            "claim": self.claim,
            "findings": self.findings,
            "listing": self.listing,
            "exercise": self.exercise,
            "widget": self.widget,
        }

    def equation(self, id: str, caller: Callable[[], str]) -> str:
        """A displayed formula with its number and the outcome of its checks."""
        self.cited.add(id)
        checks = [check for check in self.material.checks if check["id"] == id]
        return self._around("equation", f"$$ {caller().strip()} $$", id=id, checks=checks)

    def figure(self, id: str) -> str:
        """The pictures of an id, each with its caption, the numbers behind it and how to draw it again."""
        self.cited.add(id)
        pictures = [self._picture(figure) for figure in self.material.figures if figure.id == id]
        if not pictures:
            self.missing.add(id)
            return f"Figure {id} is not part of this run: its config makes no table for it.\n"
        return (
            self._keep(f'<div class="figures" id="{escape(id)}">') + "".join(pictures) + self._keep("</div>")
        )

    def _picture(self, figure: FigureFile) -> str:
        material = self.material
        self.cited |= {*figure.ids}
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

    def claim(self, id: str) -> str:
        """A statement with what was measured and the verdict."""
        self.cited.add(id)
        claim = self.material.claim(id)
        if claim is None:
            self.missing.add(id)
            return f"Claim {id} is not part of this run: its config makes no table for it.\n"
        cases = self.material.cases
        own = cases[cases["claim"] == id].to_dict("records")
        return self._keep(self._render("claim", claim=claim, cases=own))

    def findings(self, *ids: str) -> str:
        """What this run found, a line for each of these figures and claims that it has."""
        found = [line for id in ids for line in self._found(id)]
        return self._keep(self._render("findings", found=found)) if found else ""

    def _found(self, id: str) -> Iterable[Row]:
        """The headline of a figure; of a claim its reason, or else its statement, and the verdict."""
        if claim := self.material.claim(id):
            told = claim["reason"] or claim["statement"]
            yield {"id": id, "says": told.rstrip("."), "verdict": claim["verdict"]}
        for figure in self.material.figures:
            headline, _ = said(self.material.findings[figure.name])
            if figure.id == id and headline:
                yield {"id": id, "says": headline, "verdict": ""}

    def listing(self, module: str, *names: str, mark: Iterable[str] = ()) -> str:
        """Functions from the source as it is; lines that contain one of `mark` stand out.

        Raises `ValueError` where the module has no such function.
        """
        self.modules.add(module)
        code = "\n\n\n".join(function_source(source(module), name) for name in names)
        marked = [i for i, line in enumerate(code.splitlines(), 1) if any(sought in line for sought in mark)]
        block = f'``` {{.python mark="{" ".join(map(str, marked))}"}}\n{code}\n```\n'
        return self._around("listing", block, module=module)

    def exercise(self, caller: Callable[[], str]) -> str:
        """A question; what follows `---` on a line of its own is the answer, which is folded."""
        question, _, answer = caller().partition("\n---\n")
        opened = self._keep('<div class="exercise"><p class="label">Exercise</p>')
        fold = self._keep("<details><summary>Answer</summary>")
        return f"{opened}{question.strip()}\n\n{fold}{answer.strip()}\n\n{self._keep('</details></div>')}"

    def widget(self, name: str) -> str:
        """Where a script puts a picture that can be played with; without it nothing is seen."""
        return self._keep(f'<div class="widget" data-widget="{escape(name)}" hidden></div>')

    def not_yet_cited(self) -> str:
        """Figures and claims that no section's text has placed."""
        claims = [self.claim(row["id"]) for row in self.material.claims if row["id"] not in self.cited]
        ids = dict.fromkeys(f.id for f in self.material.figures if f.id not in self.cited)
        return "".join(claims + [self.figure(id) for id in ids])

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


def function_source(text: str, name: str) -> str:
    """A function of a module, or `Class.method`, as it is written, without its docstring."""
    scope: Any = ast.parse(text)
    for part in name.split("."):
        found = [node for node in scope.body if getattr(node, "name", None) == part]
        if not found:
            raise ValueError(f"no function '{name}'")
        scope = found[0]
    lines = text.splitlines()[scope.lineno - 1 : scope.end_lineno]
    if ast.get_docstring(scope) is not None:
        told = scope.body[0]
        del lines[told.lineno - scope.lineno : told.end_lineno - scope.lineno + 1]
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] for line in lines)
