"""Words of configs, environments and policies are words wherever they come out: no element, link or command is theirs."""

import json
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest
import typst
from lecture.report.small_run import CASES, CERTIFICATE, CLAIM
from printed import words_of

from pgpipe.lecture.registry import figure_files, texts, widgets
from pgpipe.lecture.report.book import quoted, render_book, write_book
from pgpipe.lecture.report.costs import render_costs
from pgpipe.lecture.report.material import Material, noted, read_texts, sentences_of
from pgpipe.lecture.report.page import render_report
from pgpipe.lecture.report.slides import write_slides
from pgpipe.lecture.report.specs import templates

PICTURE = b"""<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36">
<path d="M 0 0 L 2 3" style="fill: #0072b2"/></svg>"""
SENTENCES = ("problems", "return_parabola")
SHOWN = ("F3_three_samples", "P3_gradient_variance")

EVIL = (
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "' onfocus='alert(1)",
    "[a](javascript:alert(1))", "](javascript:alert(1))", "![a](http://evil.example/a.png)", "<http://evil.example>",
    "</pre></td></table><form action=http://evil.example>", "]]>", "--></style><style>*{display:none}</style>",
    "<!--kept-0-->", "<!--inside-->", "/*inside*/", "/*drawn*/", "<< 7 * 7 >>", "<% raise %>", "{{ 7 * 7 }}",
    "```{=html}\u2028<b>bold</b>\u2028```", "`<b>`{=html}", "[a]{onclick=alert(1)}", "$\\href{javascript:alert(1)}{a}$",
    '#let a = 1', '#read("/etc/passwd")', '#link("http://evil.example")[a]', "*/ #panic() /*", '") #panic("', "\\u{41}",
    "$(touch owned)", "`touch owned`", "; touch owned", "@{owned}", "=1+1", "\u202e", "\x07", "\x1b[31m", "\x00",
)  # fmt: skip


class Built(HTMLParser):
    """What a page is built of: elements with their attributes, but for words that are shown."""

    def __init__(self):
        super().__init__()
        self.elements = []

    def handle_starttag(self, tag, attributes):
        shown = ("aria-label", "content")
        self.elements.append((tag, [(key, "" if key in shown else value) for key, value in attributes]))

    def handle_comment(self, comment):
        self.elements.append(("comment", comment))


def built(page):
    parser = Built()
    parser.feed(page)
    return parser.elements


def tables(words):
    """Those that have words of environments, their arguments, and policies."""
    problems = pd.DataFrame(
        [("mine", words, "mlp", words, words, words, words, 3, "time limit", 0.9, words)],
        columns=["environment", "id", "policy_kind", "task", "observation", "action", "reward", "longest", "end", "gamma", "settings"],
    )  # fmt: skip
    parabola = pd.DataFrame(
        {"parameter": [words], "least_variance": 1.0, "curvature": 1.0, "best_constant": 1.0}
    )
    shift = pd.DataFrame({"parameter": [words], "constant": [0.0]})
    named = {name: shift for figure in figure_files() for name in figure.tables}
    estimators = pd.DataFrame({"estimator": ["total_return"], "signal": ["total_return"], "bias": [words]})
    return named | {
        "problems": problems, "return_parabola": parabola, "estimators": estimators,
        "certificate": CERTIFICATE.head(1).assign(environment=words), "gradient_reference": shift,
    }  # fmt: skip


def claim(words):
    said = dict.fromkeys(("statement", "test", "found", "rule", "reason", "n_counts"), words)
    return {**CLAIM, **said, "estimate": {**CLAIM["estimate"], "quantity": words, "unit": words}}


def material(words):
    """A run in which somebody's words are wherever they can be."""
    stopped = {"environment": "mine", "seed": 0, "recipe": "mine", "update": 1, "step": 1, "episode": 1}
    made = tables(words) | {"stopped_seeds": pd.DataFrame([{**stopped, "found": words}])}
    record = {
        "function": "pgpipe.lecture.objective.sample_mean:measure_objective",
        "inputs": [],
        "spec": {words: [words]},
    }
    return Material(
        sources=read_texts([*texts(), *templates(), *widgets()]),
        pictures=dict.fromkeys(SHOWN, PICTURE),
        findings=dict.fromkeys(SHOWN, ""),
        tables=made,
        checks=[{"id": "E1", "what": words, "value": 1.0, "reference": 1.0, "tolerance": 0.1, "n": 3, "kind": "measured", "passed": True}],
        claims=[claim(words)],
        cases=CASES.assign(case=words, quantity=words),
        config={"seed": 0, "environments": {"mine": {"id": words, "kwargs": {words: words}}}},
        records={f"reports/tables/{name}.csv": record for name in made},
        sentences=sentences_of({name: made[name] for name in SENTENCES}),
        notes=noted([f"environments.mine: {words}"], made),
    )  # fmt: skip


PLAIN = "word"
TOGETHER = {"in a row": " ".join(EVIL), "in lines": "\n\n".join(EVIL)}


@pytest.mark.parametrize("how", sorted(TOGETHER))
def test_the_page_has_no_element_of_somebody_s_words(how):
    page = render_report(material(TOGETHER[how]))
    assert built(page) == built(render_report(material(PLAIN)))
    page.encode()
    assert "&lt;img src=x onerror" in page


def test_the_words_of_a_sentence_are_no_markdown():
    """Some sentences stand in the text itself, which pandoc reads."""
    said = material("[a](b) `<b>` *c*").sentences
    assert r"\[a\](b) \`\<b\>\` \*c\*" in said["problems_in_words"]
    assert r"\[a\](b) \`\<b\>\` \*c\*" in said["worth_of_the_best_constant"]


@pytest.mark.parametrize("how", sorted(TOGETHER))
def test_slides_and_costs_have_no_element_of_somebody_s_words(how):
    def slides(words):
        spec: Any = {"config": {"seed": 0}, "texts": [*texts(), *templates()]}
        names = dict.fromkeys(SHOWN, PICTURE)
        pictures = {f"reports/figures/{name}.svg": picture for name, picture in names.items()}
        said = {f"reports/figures/{name}.md": f"# {words.splitlines()[0]}" for name in names}
        return write_slides(spec, pictures, said, [{**claim(words), "figure": "F3"}])

    def costs(words):
        rows = pd.DataFrame(
            {"rule": ["a"], "job": [words], "seconds": [1.0], "cpu_seconds": [1.0], "max_memory_mb": [1.0]}
        )
        return render_costs(rows, rows.rename(columns={"job": "computation"}), read_texts(templates()))

    for write in (slides, costs):
        assert built(write(TOGETHER[how])) == built(write(PLAIN))


@pytest.mark.parametrize("how", sorted(TOGETHER))
def test_the_pdf_is_typeset_with_the_words_as_they_are(how, tmp_path):
    evil = material(TOGETHER[how])
    pdf = write_book(
        {"config": evil.config, "texts": [*texts(), *templates()], "notes": [*evil.notes]},
        {name: evil.tables[name] for name in SENTENCES}, {f"{name}.svg": PICTURE for name in SHOWN}, {f"{name}.md": "" for name in SHOWN},
        evil.checks, evil.claims, evil.cases,
    )  # fmt: skip
    text = " ".join(words_of(pdf, tmp_path))
    assert "#let a = 1" in text
    assert "<img src=x onerror=alert(1)>" in text
    assert elements(evil) == elements(material(PLAIN))


def elements(run):
    """Where links of the PDF lead to, and what is named in it."""
    files: Any = {"main.typ": render_book(run).encode(), "style.typ": run.sources["style.typ"].encode()}
    files |= {f"{name}.svg": PICTURE for name in SHOWN}
    links, headings = (
        json.loads(typst.query(files, kind, field=field))
        for kind, field in (("link", "dest"), ("heading", "level"))
    )
    return links, headings


@pytest.mark.parametrize("word", [*EVIL, "\ud800", "a\nb", "\\u0041", "\\"], ids=ascii)
def test_a_word_is_a_string_of_typst(word):
    told = typst.query(f"#metadata({quoted(word)}) <a>".encode(), "<a>", field="value", one=True)
    assert json.loads(told) == word.encode("utf-8", "replace").decode()
