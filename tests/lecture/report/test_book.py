"""The report in print has the same text, pictures and verdicts as the page."""

import re
from dataclasses import replace

import pandas as pd
import pytest
import typst
from printed import words_of

from pgpipe.lecture.registry import figure_files, texts
from pgpipe.lecture.report.book import quoted, render_book, write_book
from pgpipe.lecture.report.inline import proportion
from pgpipe.lecture.report.material import Material, heading, read_texts
from pgpipe.lecture.report.specs import templates

PICTURE = b"""<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36">
<path d="M 0 0 L 2 3" style="fill: #0072b2"/></svg>"""
CHECK = {
    "id": "E5",
    "what": "a",
    "value": 1.0,
    "reference": 1.0,
    "tolerance": 0.1,
    "n": 3,
    "kind": "measured",
    "passed": True,
}
CLAIM = {
    "id": "C1", "section": "objective", "statement": 'Is #this *so* "quoted"?', "test": "t", "found": "f_1", "rule": "r",
    "reason": "", "n": 7, "n_counts": "batches", "verdict": "refuted", "stability": {"seeds": 5, "same": 4},
    "estimate": {"quantity": "q", "unit": "nats", "value": -0.5, "low": -0.6, "high": -0.4, "kind": "95 % interval"},
    "figure": "P1", "tables": ["x"],
}  # fmt: skip
CASES = pd.DataFrame(columns=["claim", "case"])


@pytest.fixture
def inputs():
    """What the job of the PDF reads."""
    names = [figure.name for figure in figure_files()]
    return {
        "spec": {"config": {"seed": 3}, "texts": [*texts(), *templates()]},
        "tables": {},
        "figures": {f"reports/figures/{name}.svg": PICTURE for name in names},
        "findings": {f"reports/figures/{name}.md": "# It fell by half\n\nBy $x^2$ much." for name in names},
        "checks": [CHECK, CHECK | {"passed": False}],
        "claims": [CLAIM],
        "cases": CASES,
    }


@pytest.fixture
def material(inputs):
    """A function that builds what the PDF is made of, perhaps with another text."""
    names = [figure.name for figure in figure_files()]
    sources = read_texts(inputs["spec"]["texts"])

    def build(text=None):
        others = {name: content for name, content in sources.items() if not name.endswith(".md")}
        return Material(
            sources=sources if text is None else {"one.md": text} | others,
            pictures=dict.fromkeys(names, PICTURE),
            findings=dict.fromkeys(names, "# It fell by half\n\nBy $x^2$ much."),
            tables={},
            checks=inputs["checks"],
            claims=inputs["claims"],
            cases=CASES,
            config={"seed": 3},
            records={},
        )

    return build


@pytest.fixture
def source(material):
    """The PDF's source."""
    return render_book(material())


def test_two_compilations_are_the_same_bytes(inputs, caplog):
    first, second = write_book(**inputs), write_book(**inputs)
    assert first.startswith(b"%PDF")
    assert first == second
    assert not caplog.records


def test_it_has_every_section_picture_and_claim(source):
    sections = [text for name, text in read_texts([*texts()]).items() if name.endswith(".md")]
    for text in sections:
        anchor, _ = heading(text)
        assert f"<{anchor}>" in source
    for figure in figure_files():
        assert source.count(f'picture("{figure.name}.svg"') == 1
        for id in figure.ids:
            assert source.count(f"#metadata(none) <{id}>") == 1
    assert source.count(', "It fell by half.")[') == len(figure_files())
    assert "the same verdict in 4 of 5" in source
    assert 'formula("E5", checked(1, 2))' in source
    assert "C2, C3, C4 and C28 are not part of this run: its config makes no tables for them." in " ".join(
        source.split()
    )


def test_contents_tell_the_page_of_each_section(inputs, tmp_path):
    pages = words_of(write_book(**inputs), tmp_path)
    assert len(pages) > 20
    for number, text in enumerate(read_texts([*texts()]).values(), 1):
        _, title = heading(text)
        (page,) = re.findall(rf"{number} {re.escape(title)} [. ]+ (\d+)", pages[1])
        assert pages[int(page) - 1].startswith(f"Section {number} {title}")
        assert pages[int(page) - 1].endswith(f" {page}")


def test_words_stay_words(source):
    """What typst would take for a command, or the end of a string, is set as it is."""
    assert quoted('a "b"') == '"a \\"b\\""'
    assert r'"Is #this *so* \"quoted\"?"' in source


def test_numbers_in_words_look_as_in_formulas(inputs, tmp_path):
    claim = CLAIM | {"found": "At most 4e-14, or 1e-09, of -0.5; x_dense - r_t."}
    pages = words_of(write_book(**inputs | {"claims": [claim]}), tmp_path)
    (found,) = re.findall("At most .*? Estimate", " ".join(pages))
    assert found == "At most 4 · 10−14, or 10−9, of −0.5; x_dense − rt. Estimate"


def test_formulas_keep_their_brackets_and_spaces(source, material):
    assert "[\\(]" not in source
    assert "[\\)]" not in source
    made = render_book(material("# One {#one}\n\n$a\\;b\\!c$ and $\\Big( x \\Big)$\n"))
    assert "$a thick b #h(-0.17em) c$" in made
    assert "$(x)$" in made


def test_a_ladder_stands_in_one_stack_with_what_is_new_in_colour(material):
    text = "# One {#one}\n\n::: ladder\n\nFirst.\n\n<% call equation('E16') %>\na \\changed{b}\n<% endcall %>\n\n:::\n\nAfter.\n"
    made = render_book(material(text))
    (ladder,) = re.findall(r"#ladder\[(.*?)After", made, re.DOTALL)
    assert ladder.index("First.") < ladder.index("#changed($b$)")
    assert ladder.rstrip().endswith("]")


def test_a_tall_picture_fits_on_its_page():
    assert proportion(PICTURE) == 0.5
    assert proportion(b"<svg/>") == 1.0


def test_lines_that_are_marked_stand_out(material):
    text = '# One {#one}\n\n<< listing("pgpipe.estimators.signals.reward_to_go", "reward_to_go", mark=["def "]) >>\n'
    made = render_book(material(text))
    path, marked = re.findall(r'#listing\("([^"]+)", \(([\d, ]*)\)\)', made)[0]
    code = made[made.index("def reward_to_go(") :].split("```")[0].splitlines()
    assert path == "pgpipe/estimators/signals/reward_to_go.py"
    assert [code[int(line) - 1].split("(")[0] for line in re.findall(r"\d+", marked)] == ["def reward_to_go"]


def test_answers_stand_at_the_end(material):
    ask = "<% call exercise() %>\nWhy {}?\n\n---\n\nBecause {}.\n<% endcall %>\n\n"
    made = render_book(material("# One {#one}\n\n" + ask.format("$x$", "a") + ask.format("$y$", "b")))
    places = [
        made.index(part)
        for part in ("Why $x$", "Why $y$", "[Answers]", "Because a", "Because b", "[All verdicts]")
    ]
    assert places == sorted(places)
    assert "Answers" not in render_book(material("# One {#one}\n"))


def test_what_is_cited_is_listed(material):
    made = render_book(material("# One {#one}\n\nSo it is [@nota2020; @owen2013].\n"))
    assert "#link(<ref-nota2020>)[Nota and Thomas 2020]" in made
    assert made.index("[All verdicts]") < made.index("[Literature]") < made.index("] <ref-nota2020>")
    assert "Is the Policy Gradient a" in made
    assert "Williams" not in made
    assert "Literature" not in render_book(material("# One {#one}\n"))


def test_what_to_know_of_environments_stands_before_all_else(material):
    """Any signs in it are words; without notes nothing is said."""
    note = 'environments.mine: Any-v0: its reward is nan at step 3 #1 $x "<b>"'
    noted = render_book(replace(material(), notes=[note]))
    assert "What to know of the environments" in noted
    assert quoted(note) in noted
    assert "What to know of the environments" not in render_book(material())
    assert typst.compile(f"- #{quoted(note)}".encode()).startswith(b"%PDF")
