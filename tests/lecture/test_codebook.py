"""The codebook: every table that a rule publishes is declared, with a meaning for each of its columns."""

import re
from collections import Counter

import pytest
import yaml

from pgpipe.jobs.imports import ROOT
from pgpipe.lecture.codebook import FILE, ROOMS, SHARED, page, read_tables, rooms
from pgpipe.lecture.registry import LECTURE
from pgpipe.lecture.tables import FOLDER, Tables

RULES = ROOT / "workflow/rules"
RULE = re.compile(r"^rule (\w+):\n((?: .*\n|\n)+)", re.MULTILINE)
OUTPUT = re.compile(r"^    output:\n((?:        .*\n)+)", re.MULTILINE)

DECLARATIONS = [SHARED, *sorted(LECTURE.glob(f"*/{FILE}"))]


def published(rules):
    """The tables that a file of rules publishes, and those that it writes to their place by itself."""
    text, tables = rules.read_text("utf-8"), Tables()
    for rule, body in RULE.findall(text):
        declared = "".join(OUTPUT.findall(body))  # a target has none
        outputs = re.findall(r'"([^"]+)"', re.sub(r"record_of\(.*\)", "", declared))  # which are no tables
        if f"publish(rules.{rule}," not in text and f"publish(rules.{rule})" not in text:
            outputs = [path for path in outputs if path.startswith(f"{FOLDER}/")]
        tables.publish(outputs, {}, made=False)
    return list(tables.parts)


@pytest.fixture
def declaration(tmp_path):
    """A function that reads a declaration written for the test, with one shared column."""

    def read(text):
        path = tmp_path / "tables.yaml"
        path.write_text(text)
        return read_tables(path, {"seed": "training seed"})

    return read


def test_the_committed_page_is_what_the_codebook_says():
    written = (ROOT / "docs/tables.md").read_text("utf-8")
    assert written == page(), "docs/tables.md is stale: make schema"


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_a_room_declares_what_its_rules_publish(room):
    """All of it, nothing else, and in the same order."""
    assert [table.name for table in room.tables] == published(RULES / f"{room.name}.smk")


def test_no_other_rules_make_tables():
    """Gathering puts together the parts of those that are declared: its table's name is a wildcard."""
    others = [path for path in sorted(RULES.glob("*.smk")) if path.stem not in ROOMS]
    assert [name for path in others for name in published(path)] == ["{table}"]


def test_every_declaration_is_read():
    assert {path.parent.name for path in LECTURE.glob(f"*/{FILE}")} == set(ROOMS)


@pytest.mark.parametrize("path", DECLARATIONS, ids=lambda path: path.parent.name)
def test_no_key_is_repeated(path):
    """YAML keeps the last of two without a word."""
    nodes = [yaml.compose(path.read_text("utf-8"))]
    for node in nodes:
        if isinstance(node, yaml.MappingNode):
            assert [k for k, n in Counter(key.value for key, _ in node.value).items() if n > 1] == []
            nodes += [value for _, value in node.value]


def test_a_shared_meaning_serves_more_than_one_table():
    empty = Counter(
        columns
        for path in DECLARATIONS[1:]
        for table in yaml.safe_load(path.read_text("utf-8")).values()
        for columns, meaning in table["columns"].items()
        if meaning is None
    )
    shared = yaml.safe_load(SHARED.read_text("utf-8"))
    assert [columns for columns in shared if empty[columns] < 2] == []


def test_columns_have_their_own_meaning_or_the_shared_one(declaration):
    (table,) = declaration("curves: {rows: one a seed, columns: {seed: , 'low, high': its ends}}")
    assert table.columns == ("seed", "low", "high")
    assert [entry.meaning for entry in table.entries] == ["training seed", "its ends"]
    (table,) = declaration("curves: {rows: one a seed, columns: {seed: another one}}")
    assert [entry.meaning for entry in table.entries] == ["another one"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "curves: {rows: one a seed, columns: {seeds: }}",
            "curves.columns.seeds: found no meaning, nor has columns.yaml one; did you mean 'seed'? Known there: seed",
        ),
        ("curves: {columns: {seed: }}", "curves.rows: found nothing; allowed: what a row of the table is"),
        ("curves: {rows: one a seed}", "curves.columns: found NoneType; allowed: a mapping"),
        ("curves: {row: one a seed}", "curves.row: unknown key; did you mean 'rows'?"),
        (
            "curves: {rows: one a seed, columns: {seed: , 'low, seed': ends}}",
            "curves.columns: found seed twice; allowed: once",
        ),
        ("[curves]", "found list; allowed: a mapping"),
    ],
)
def test_a_declaration_that_lacks_something_is_refused(declaration, tmp_path, text, problem):
    with pytest.raises(ValueError, match=re.escape(f"{tmp_path}/tables.yaml: {problem}")):
        declaration(text)


def test_an_error_names_the_file_as_it_is_called_in_the_checkout():
    file = re.escape("pgpipe/lecture/objective/tables.yaml: objective_error.columns.environment: found no")
    with pytest.raises(ValueError, match=f"^{file}"):
        read_tables(LECTURE / "objective" / FILE, {})
