"""The report shows everything that was measured, placed or not, and needs no network."""

import gzip
import json
import re
from base64 import b64decode
from html import unescape
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pgpipe.lecture.registry import REFERENCES, figure_files, texts
from pgpipe.lecture.report.costs import all_computations, all_timings, read_timings, render_costs
from pgpipe.lecture.report.formats import number
from pgpipe.lecture.report.inline import Sheet
from pgpipe.lecture.report.material import Material, read_texts
from pgpipe.lecture.report.page import render_report
from pgpipe.lecture.report.placed import function_source
from pgpipe.lecture.report.specs import templates

CHECK = {
    "id": "E1",
    "what": "a check",
    "value": 1.0,
    "reference": 1.0,
    "tolerance": 0.1,
    "n": 3,
    "kind": "measured",
    "passed": True,
}
CLAIM: dict[str, Any] = {
    "id": "C1", "section": "objective", "statement": "Two is < three.", "test": "t", "found": "f", "rule": "r",
    "reason": "why not", "n": 7, "n_counts": "batches", "verdict": "refuted", "stability": {"seeds": 5, "same": 4},
    "estimate": {"quantity": "q", "unit": "nats", "value": -0.5, "low": -0.6, "high": -0.4, "kind": "95 % interval"},
    "figure": "P1", "tables": ["x"],
}  # fmt: skip

CASES = pd.DataFrame(
    [("C1", "line, trained", "q", -0.5, np.nan, np.nan, "95 % interval", 7, "against")],
    columns=["claim", "case", "quantity", "value", "low", "high", "kind", "n", "says"],
)
ESTIMATORS = pd.DataFrame(
    {"estimator": ["mean_baseline", "mine"], "signal": ["reward_to_go", "total_return"]}
)
CERTIFICATE = pd.DataFrame(
    [("mean_baseline", "line", "trained", 0.4), ("mean_baseline", "line", "untrained", -1.1), ("mine", "line", "trained", 7.3)],
    columns=["estimator", "environment", "policy", "bias_z"],
).assign(
    variance_ratio=0.5, variance_ratio_low=0.4, variance_ratio_high=0.6, exact_variance=2.0, total_variance=2.1, snr=1.5,
    replicates=200, bias_norm=0.123, cosine=0.9, cosine_low=0.8, cosine_high=0.95, operations_per_step=120.4, relative_cost=3.0,
)  # fmt: skip

PICTURE = b"""<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="72pt" height="36pt" viewBox="0 0 72 36">
 <metadata>made by</metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style></defs>
 <g id="axes_1"><path d="M 0.123456 1.000000 L 2.5 3" style="fill: #0072b2" clip-path="url(#p1)"/></g>
 <defs><path id="LectureSans-Regular-41" d="M 1 2"/></defs>
 <use xlink:href="#LectureSans-Regular-41" transform="translate(3.5 0)"/>
 <defs><clipPath id="p1"><rect x="0" y="0" width="1.0" height="2"/></clipPath></defs>
</svg>"""
RECORDS = {
    "reports/tables/objective_error.csv": {"function": "pgpipe.jobs.gathering:gather_table", "inputs": ["results/line.csv"]},
    "results/line.csv": {
        "inputs": [], "spec": {"replicates": 77},
        "function": "pgpipe.lecture.objective.sample_mean:measure_objective",
    },
}  # fmt: skip


@pytest.fixture
def sources():
    return read_texts([*texts(), *templates()])


@pytest.fixture
def material(sources):
    """A function that builds the material of a run in which every table has forty rows."""

    def build(**changes):
        tables = {
            name: pd.DataFrame({"column": range(40)}) for figure in figure_files() for name in figure.tables
        }
        given = {
            "sources": sources,
            "pictures": {figure.name: PICTURE for figure in figure_files()},
            "findings": {figure.name: "" for figure in figure_files()},
            "tables": tables | {"estimators": ESTIMATORS, "certificate": CERTIFICATE},
            "checks": [CHECK],
            "claims": [CLAIM],
            "cases": CASES,
            "config": {"seed": 0},
            "records": RECORDS,
        }
        return Material(**(given | changes))

    return build


class Ids(HTMLParser):
    """Collects ids, links within the page, addresses of others, and images and pictures without an alternative text."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.loaded, self.mute = [], [], [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            self.ids.append(values["id"])
        if values.get("href", "").startswith("#"):
            self.links.append(values["href"][1:])
        if "src" in values:
            self.loaded.append(values["src"][:10])
        if tag == "img" or (tag == "svg" and not values.keys() & {"aria-label", "aria-hidden"}):
            self.mute.append(str(values)[:80])


def parse(page):
    ids = Ids()
    ids.feed(page)
    return ids


def test_page_holds_together(material):
    page = parse(render_report(material()))
    assert len(page.ids) == len(set(page.ids))
    assert set(page.links) <= set(page.ids)
    assert page.mute == []


def test_page_needs_no_network(material):
    page = render_report(material())
    assert parse(page).loaded == []
    assert not re.search(r"https?://(?!www\.w3\.org/|doi\.org/)", page)


def test_formulas_are_typeset(material):
    page = render_report(material())
    assert page.count('display="block"') >= 2
    aside = r"<annotation.*?</annotation>|<script.*?</script>|<pre.*?</pre>"
    assert "$" not in re.sub(aside, "", page, flags=re.DOTALL)


def test_verdict_and_checks_are_shown_as_they_are(material):
    page = render_report(material(checks=[CHECK, {**CHECK, "passed": False}]))
    assert '<b class="failed">1 of 2</b><span>equation checks passed' in page
    assert '<summary class="failed">' in page
    assert '<span class="verdict refuted">refuted</span>' in page
    assert "Two is &lt; three." in page


def test_an_identity_by_construction_counts_apart(material):
    page = render_report(material(checks=[CHECK, {**CHECK, "kind": "identity by construction"}]))
    assert "1 of 1</b><span>equation checks passed; 1 more hold by construction" in page
    assert "1 of 1 checks passed, 1 holds by construction" in page


def test_a_claim_shows_reason_cases_and_other_seeds(material):
    page = render_report(material())
    for words in (
        "why not",
        "<dd>t</dd>",
        "<dd>r</dd>",
        "<dd>f</dd>",
        "the same verdict in 4 of 5 seeds",
        "4 of 5 seeds",
    ):
        assert words in page
    assert "<td>line, trained</td><td>q</td>" in page
    assert "−0.5 [none, none]" in page
    assert "the same verdict in" not in render_report(material(claims=[{**CLAIM, "stability": None}]))


def test_what_could_not_be_measured_is_said_so(material):
    assert "none [none, none]" in render_report(
        material(
            claims=[{**CLAIM, "estimate": CLAIM["estimate"] | {"value": None, "low": None, "high": None}}]
        )
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "none"),
        (-0.5, "−0.5"),
        (1374.2, "1374"),
        (15990.4, "15,990"),
        (9999.7, "10,000"),
        (2e6, "2e+06"),
    ],
)
def test_large_numbers_keep_their_digits(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("95 % interval", "q: −0.5 [−0.6, −0.4] nats (95 % interval); n = 7 batches"),
        ("range over cases", "q: −0.5 [−0.6, −0.4] nats (range over cases); n = 7 batches"),
        ("exact", "q: −0.5 nats; n = 7 batches"),
        ("test statistic", "q: −0.5 nats (test statistic); n = 7 batches"),
        ("no bounds", "q: −0.5 nats (no bounds); n = 7 batches"),
        ("at least", "q: at least −0.5 nats; n = 7 batches"),
    ],
)
def test_bounds_are_called_what_they_are(material, kind, words):
    page = render_report(material(claims=[{**CLAIM, "estimate": CLAIM["estimate"] | {"kind": kind}}]))
    ledger = page[page.index('<section id="verdicts"') : page.index('<section id="certificates"')]
    assert words in page
    assert f'<span class="reason">{kind}, n = 7 batches</span>' in ledger
    assert ("[−0.6, −0.4]" in ledger) == (kind in ("95 % interval", "range over cases"))


def test_what_is_known_from_below_alone_is_said_so(material):
    """The end of a search is no result: in the ledger null above, infinite in the table of cases."""
    beyond = {"value": None, "low": 2000.0, "high": None, "kind": "range over cases"}
    cases = CASES.assign(value=np.nan, low=300.0, high=np.inf)
    page = render_report(material(claims=[CLAIM | {"estimate": CLAIM["estimate"] | beyond}], cases=cases))
    assert "q: more than 2000 nats" in page
    assert "300 [" not in page
    assert "more than 300" in page


def test_every_figure_stands_with_caption_numbers_and_command(material):
    page = render_report(material())
    ids = set(parse(page).ids)
    for figure in figure_files():
        assert f'<div class="figures" id="{figure.id}">' in page
        assert f'<figure id="{figure.name}">' in page
        assert f"snakemake reports/figures/{figure.name}.svg" in page
        assert set(figure.ids) <= ids
    assert "(the first 10 of 40 rows)" in page


def test_a_caption_ends_with_its_numbers(material):
    """Markdown, formulas included, within the figure's own caption."""
    numbers = {figure.name: f"Measured: *{figure.id}*, $x = 3$." for figure in figure_files()}
    page = render_report(material(findings=numbers))
    for figure in figure_files():
        (caption,) = re.findall(
            rf'<figcaption>\n<p class="headline"><a class="tag" href="#{figure.name}">.*?</figcaption>',
            page,
            re.DOTALL,
        )
        link = f'<a class="ref" href="#{figure.id}">{figure.id}</a>'
        assert f'Measured: <em>{link}</em>, <span class="held"><math' in " ".join(caption.split())


def test_what_no_text_places_is_appended(material):
    page = render_report(material(claims=[CLAIM, {**CLAIM, "id": "C99"}]))
    assert 'id="more"' in page
    assert '<div class="claim refuted" id="C99">' in page


def test_what_this_config_does_not_make_is_said_once_a_section(material):
    """And a section of which it makes nothing is left out; what is left keeps the lecture's number."""
    page = render_report(material(pictures={}, claims=[], checks=[CHECK, {**CHECK, "id": "E38"}]))
    assert page.count("part of this run:") == 2
    assert "<p>F13, P1 and C1 are not part of this run: its config makes no tables for them.</p>" in page
    assert "F7, F8, C22, F9, C23, C25, C24 and F11 are not part of this run" in page
    assert "left out: 2 Direct differentiation; 3 What the gradient does; 4 " in page
    assert re.findall(r'<li(?: value="(\d+)")?><a href="#(objective|line)">', page) == [
        ("", "objective"),
        ("9", "line"),
    ]
    # seven before it are left out; a heading that had this style, too, would count them twice
    assert re.findall(r'<(\w+)[^>]* style="counter-increment: section (\d+)"', page) == [("div", "7")]


def test_a_page_of_no_study_has_no_certificates(material):
    """Nor a heading for them, nor a table of references."""
    page = render_report(material(tables={}, pictures={}))
    assert 'id="certificates"' not in page
    assert 'href="#certificates"' not in page
    assert "<h3>References</h3>" not in page
    assert "<h2>How this page was made</h2>" in page


def test_a_headline_stands_for_the_title(material):
    said = {figure.name: "# It fell by half\n\nBy much." for figure in figure_files()}
    page = render_report(material(findings=said))
    assert "<strong>It fell by half</strong>" in page
    assert "# It fell" not in page
    assert figure_files()[0].title in render_report(material())


def test_a_figure_leads_to_the_code_and_config_behind_it(material):
    page = render_report(material())
    (figure,) = re.findall(r'<figure id="P1_objective_error">.*?</figure>', page, re.DOTALL)
    assert 'data-code="pgpipe.lecture.objective.sample_mean"' in figure
    assert "replicates: 77" in figure
    carried = re.findall(r'id="code-pgpipe.lecture.objective.sample_mean">([^<]*)<', page)
    assert "def measure_objective" in gzip.decompress(b64decode(carried[0])).decode()


def test_the_page_carries_each_table_whole(material):
    made = material().tables
    page = render_report(material())
    for name, table in made.items():
        (held,) = re.findall(rf'id="table-{name}">([^<]*)<', page)
        assert gzip.decompress(b64decode(held)).decode() == table.to_csv(index=False)


def test_ids_in_the_text_are_links(material, sources):
    text = '# One {#one}\n\nSee P1 and C1, `P1`, and E99.\n\n<< figure("P1") >>\n\n<< claim("C1") >>\n'
    others = {name: content for name, content in sources.items() if not name.endswith(".md")}
    page = render_report(material(sources={"one.md": text} | others))
    link = '<a class="ref" href="#{0}">{0}</a>'
    assert f"See {link.format('P1')} and {link.format('C1')}, <code>P1</code>, and E99." in page


def test_what_is_cited_is_listed_and_linked(material, sources):
    others = {name: content for name, content in sources.items() if not name.endswith(".md")}
    cited = render_report(
        material(sources={"one.md": "# One {#one}\n\nSo it is [@williams1992].\n"} | others)
    )
    page = parse(cited)
    assert {"ref-williams1992", "bibliography"} <= set(page.ids) & set(page.links)
    assert "Connectionist" in cited
    assert "ref-nota2020" not in page.ids
    silent = parse(render_report(material(sources={"one.md": "# One {#one}\n"} | others)))
    assert not {"refs", "bibliography"} & {*silent.ids, *silent.links}


def test_all_that_is_cited_is_in_the_literature(sources):
    known = re.findall(r"^@\w+\{(\w+),", REFERENCES.read_text("utf-8"), re.MULTILINE)
    assert len(known) == len(set(known))
    captions = [figure.caption + figure.method for figure in figure_files()]
    cited = re.findall(
        r"@(\w+)", "".join([*captions, *(sources[name] for name in sources if name.endswith(".md"))])
    )
    assert set(cited) <= set(known)
    assert cited


def test_findings_and_listings_come_from_the_run_and_the_source(material, sources):
    text = (
        '# One {#one}\n\n<< findings("P1", "C1", "C98") >>\n\n<< figure("P1") >>\n\n'
        '<< listing("pgpipe.estimators.signals.reward_to_go", "reward_to_go", mark=["return"]) >>\n'
    )
    others = {name: content for name, content in sources.items() if not name.endswith(".md")}
    said = {figure.name: "# It fell" for figure in figure_files()}
    page = render_report(material(sources={"one.md": text} | others, findings=said))
    (findings,) = re.findall(r'<ul class="findings">.*?</ul>', page, re.DOTALL)
    assert "It fell." in findings
    assert "why not." in findings
    assert "C98" not in findings
    (listing,) = re.findall(r'<div class="listing">.*?</div>\n<p', page, re.DOTALL)
    plain = unescape(re.sub(r"<[^>]+>", "", listing))
    assert "def reward_to_go(" in plain
    assert '"""' not in plain
    assert re.search(r"#cb1-\d+\{background", listing)
    assert '<pre tabindex="0" class="sourceCode' in listing


def test_a_function_that_is_not_there_is_no_listing():
    with pytest.raises(ValueError, match="no function 'gone'"):
        function_source("def here():\n    pass\n", "gone")


def test_an_exercise_folds_its_answer(material, sources):
    text = "# One {#one}\n\n<% call exercise() %>\nWhy $x$?\n\n---\n\nBecause.\n<% endcall %>\n"
    others = {name: content for name, content in sources.items() if not name.endswith(".md")}
    page = render_report(material(sources={"one.md": text} | others))
    (exercise,) = re.findall(r'<div class="exercise">.*?</details></div>', page, re.DOTALL)
    question, _, answer = exercise.partition("<details>")
    assert re.search(r"Why <span[^>]*><math", question)
    assert "Because." in answer


def test_pictures_share_letters_and_take_the_page_s_colours():
    sheet = Sheet()
    first, second = sheet.inline(PICTURE, "one", "Alt"), sheet.inline(PICTURE, "two", "Alt")
    assert 'd="m.12 1 2.38 2"' in first
    assert "axes_1" not in first
    assert "made by" not in first
    clips = [re.findall(r'clip-path="url\(#(\w+)\)"', picture) for picture in (first, second)]
    assert f'id="{clips[0][0]}"' in first
    assert f'id="{clips[1][0]}"' in second
    assert clips[0] != clips[1]
    (letter,) = re.findall(r'<use href="#(\w+)" x="3.5"/>', first)
    assert f'"#{letter}"' in second
    assert sheet.letters_svg().count(f'id="{letter}"') == 1
    assert sheet.rules() == ".s0{fill: var(--k0)}"
    light, dark = sheet.style()
    assert light == "--k0:#0072b2;"
    assert dark.startswith("--k0:#")


def test_costs_page_adds_up(sources):
    timings = pd.DataFrame({"rule": ["a", "a", "b"], "job": ["x", "y", ""], "seconds": [1.0, 2.0, 4.0]})
    page = render_costs(timings, timings[:0], sources)
    assert "7 seconds of jobs" in page
    assert "Single computations" not in page


def test_a_job_may_have_a_point_in_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "results/timings/train_learning_rate/small"
    place.mkdir(parents=True)
    for rate, seconds in (("0.1", 1.5), ("0.003", 2.5)):
        timing = {"seconds": seconds, "cpu_seconds": 1.0, "max_memory_mb": 9.0}
        (place / f"{rate}.json").write_text(json.dumps(timing))
    logs = [{"log": f"logs/train_learning_rate/small/{rate}.log"} for rate in ("0.1", "0.003")]
    table = read_timings(logs)
    assert list(table["job"]) == ["small/0.003", "small/0.1"]
    assert list(table["seconds"]) == [2.5, 1.5]


def test_single_computations_stand_beside_the_jobs_and_add_nothing(sources):
    jobs = pd.DataFrame(
        {"rule": ["a"], "job": ["x"], "seconds": [4.0], "cpu_seconds": 3.0, "max_memory_mb": 9.0}
    )
    columns = ["computation", "operations", "megabytes_held", "seconds", "memory_mb"]
    single = all_computations([pd.DataFrame([("a sum", 10, 0.5, 0.25, 1.5)], columns=columns)])
    page = render_costs(jobs, single, sources)
    assert "4 seconds of jobs" in page
    assert "<td>a sum</td>" in page
    table = all_timings(jobs, single)
    assert list(table["kind"]) == ["job", "computation"]
    assert list(table["max_memory_mb"]) == [9.0, 1.5]
    assert len(all_timings(jobs, all_computations([]))) == 1


def test_every_estimator_has_a_certificate_that_names_a_bias(material):
    """Also one that a user adds: rows and words come from the tables."""
    page = render_report(material())
    certificates = page[page.index('<section id="certificates"') : page.index('<section id="made"')]
    first, second = certificates.split("<details")[1:]
    assert "mean baseline" in first
    assert "no bias found" in first
    assert "biased in 1 of 1" in second
    assert "7.3, biased" in second
    assert "0.123" in second
    assert "<code>total_return</code>" in second
    assert "0.5 [0.4, 0.6]" in first
    assert "3.0 ×" in first


def summaries(material, z, replicates):
    """What the certificate of one estimator says of a bias of z standard errors in its three rows."""
    rows = CERTIFICATE.assign(estimator="mine", bias_z=z, replicates=replicates)
    page = render_report(material(tables=material().tables | {"certificate": rows}))
    certificates = page[page.index('<section id="certificates"') : page.index('<section id="made"')]
    (summary,) = re.findall(r"; ([^;]*)</summary>", certificates)
    return summary


@pytest.mark.parametrize(
    ("z", "replicates", "summary"),
    [
        ([2.38, 0.0, 0.0], 200, "no bias found in 3"),  # the bound over three rows is 2.41, over one 1.97
        ([2.5, 0.0, 0.0], 200, "biased in 1 of 3"),
        ([-2.5, 0.0, 0.0], 200, "biased in 1 of 3"),
        ([2.5, 0.0, 0.0], 8, "no bias found in 3"),  # few replicates: Student's t allows 3.13
        ([2.3, 0.0, float("nan")], 200, "biased in 1 of 2"),  # two rows: 2.26
        ([float("nan")] * 3, 200, "bias not measured"),
    ],
)
def test_a_bias_is_what_chance_over_all_rows_does_not_explain(material, z, replicates, summary):
    assert summaries(material, z, replicates) == summary


def test_what_to_know_of_environments_stands_before_all_else(material):
    """Signs in it are words; without notes nothing is said."""
    noted = render_report(material(notes=["environments.mine: its reward is <nan>"]))
    assert "<li>environments.mine: its reward is &lt;nan&gt;</li>" in noted
    assert 'id="notes"' not in render_report(material())
