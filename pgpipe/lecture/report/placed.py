"""What a section's text can place, whatever the page is made of: HTML or print."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pgpipe.lecture.declared import FigureFile
from pgpipe.lecture.report.embedded import source
from pgpipe.lecture.report.material import QUESTION, Material, Row, said


class Placed(ABC):
    """The pieces of one document: each becomes Markdown for pandoc, what is none in raw blocks."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.cited: set[str] = set()  # ids that the text has placed so far
        self.missing: dict[str, None] = {}  # those of them that this run has nothing for, in their order
        self.shown: set[str] = set()  # pictures, by their names
        self.last = 0  # section so far
        self.modules: set[str] = set()  # whose source is shown

    def placed_by_text(self) -> dict[str, Callable[..., str]]:
        """The names that a section's text can use."""
        return {
            "equation": self.equation,
            "figure": self.figure,
            "claim": self.claim,
            "evidence": self.evidence,
            "findings": self.findings,
            "sentence": self.sentence,
            "listing": self.listing,
            "exercise": self.exercise,
            "widget": self.widget,
        }

    def equation(self, id: str, caller: Callable[[], str]) -> str:
        """A displayed formula with its number and the outcome of its checks.

        In a term that is `\\changed{}` the colour says so; pandoc knows no colours, but boxes.
        """
        self.cited.add(id)
        formula = caller().strip().replace(r"\changed{", r"\boxed{")
        return self.show_equation(id, formula, [c for c in self.material.checks if c["id"] == id])

    def figure(self, id: str) -> str:
        """The pictures of an id, or one of them by its name, each with its caption."""
        figures = [figure for figure in self.material.figures if id in (figure.id, figure.name)]
        if not figures:
            return self._miss(id.partition("_")[0])
        new = [each for figure in figures for each in figure.ids if each not in self.cited]
        self.shown |= {figure.name for figure in figures}
        self.cited.update(new)
        return self.show_figures(list(dict.fromkeys(new)), figures)

    def claim(self, id: str) -> str:
        """A statement with what was measured and the verdict."""
        self.cited.add(id)
        claim = self.material.claim(id)
        if claim is None:
            return self._miss(id)
        cases = self.material.cases
        return self.show_claim(claim, cases[cases["claim"] == id].to_dict("records"))

    def evidence(self, id: str) -> str:
        """What a plugin's function makes: a claim, or checks that its values are their references."""
        if any(check["id"] == id for check in self.material.checks):
            return self.equation(id, lambda: r"\text{value} = \text{reference}")
        return self.claim(id)

    def _miss(self, id: str) -> str:
        """Nothing, where this run has nothing; what misses is told once, see `section`."""
        self.missing[id] = None
        return ""

    def section(self, number: int, text: Callable[[], str]) -> str:
        """A section's text with what it places, under the lecture's number, and what of it this run lacks."""
        before = set(self.missing)
        placed = text()
        if lacks := [id for id in self.missing if id not in before]:
            head = QUESTION.search(placed)
            at = head.end() if head else placed.index("\n")
            placed = f"{placed[:at]}\n\n{lacking(lacks)}\n\n{placed[at:]}"
        skipped, self.last = number - self.last - 1, number
        return self.show_number(number, skipped, placed) if skipped else placed

    def findings(self, *ids: str) -> str:
        """What this run found, a line for each of these figures, pictures and claims that it has."""
        found = [line for id in ids for line in self._found(id)]
        return self.show_findings(found) if found else ""

    def _found(self, id: str) -> Iterable[Row]:
        """The headline of a figure; of a claim its reason, or else its statement, and the verdict."""
        if claim := self.material.claim(id):
            told = claim["reason"] or claim["statement"]
            yield {"id": id, "place": id, "says": told.rstrip("."), "verdict": claim["verdict"]}
        for figure in self.material.figures:
            headline, _ = said(self.material.findings[figure.name])
            if id in (figure.id, figure.name) and headline:
                yield {"id": figure.id, "place": figure.name, "says": headline, "verdict": ""}

    def sentence(self, name: str) -> str:
        """What a section's function of this name says of the run's tables; nothing where it lacks one."""
        return self.material.sentences.get(name, "")

    def listing(self, module: str, *names: str, mark: Iterable[str] = ()) -> str:
        """Functions from the source as it is; lines that contain one of `mark` stand out.

        Raises `ValueError` where the module has no such function.
        """
        self.modules.add(module)
        code = "\n\n\n".join(function_source(source(module), name) for name in names)
        marked = [i for i, line in enumerate(code.splitlines(), 1) if any(sought in line for sought in mark)]
        return self.show_listing(module, code, marked)

    def exercise(self, caller: Callable[[], str]) -> str:
        """A question; what follows `---` on a line of its own is the answer."""
        question, _, answer = caller().partition("\n---\n")
        return self.show_exercise(question.strip(), answer.strip())

    def not_yet_cited(self) -> str:
        """Figures and claims that no section's text has placed."""
        claims = [self.claim(row["id"]) for row in self.material.claims if row["id"] not in self.cited]
        rest = [figure.name for figure in self.material.figures if figure.name not in self.shown]
        return "".join(claims + [self.figure(name) for name in rest])

    @abstractmethod
    def show_number(self, number: int, skipped: int, text: str) -> str:
        """A section that follows on so many that are left out has its own number nonetheless."""

    @abstractmethod
    def show_equation(self, id: str, formula: str, checks: list[Row]) -> str:
        """A formula in TeX, and its checks."""

    @abstractmethod
    def show_figures(self, ids: list[str], figures: list[FigureFile]) -> str:
        """Pictures, and the ids that lead to the first of them: those that none had before."""

    @abstractmethod
    def show_claim(self, claim: Row, cases: list[Row]) -> str:
        """A claim's row, and those of its cases."""

    @abstractmethod
    def show_findings(self, found: list[Row]) -> str:
        """Lines with id, place (where they lead), says and verdict, the last empty for figures."""

    @abstractmethod
    def show_listing(self, module: str, code: str, marked: list[int]) -> str:
        """Lines of code, of which some are marked, counted from one."""

    @abstractmethod
    def show_exercise(self, question: str, answer: str) -> str:
        """Both in Markdown."""

    @abstractmethod
    def widget(self, name: str) -> str:
        """A picture that can be played with."""


def lacking(ids: Sequence[str]) -> str:
    """The sentence that says what a section has no numbers for."""
    *first, last = ids
    if first:
        return f"{', '.join(first)} and {last} are not part of this run: its config makes no tables for them."
    return f"{last} is not part of this run: its config makes no table for it."


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
