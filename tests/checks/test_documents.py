"""What the documents point at is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("reports/README.md"),
        *ROOT.glob("benchmarks/*.md"),
    ]
)

# Pages that name files of the checkout by their paths.
PAGES = [
    f"docs/{page}.md" for page in ("architecture", "bring-your-own", "cluster", "estimators", "glossary")
]

# Paths that stand for many, or that a run makes.
MADE = ("results/", "runs/", "replayed/", "reports/")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", *PAGES])
def test_paths_that_are_named_exist(name):
    named = re.findall(
        r"`((?:pgpipe|workflow|tests|docs|benchmarks|profiles)/[\w./-]*)`", (ROOT / name).read_text("utf-8")
    )
    assert [path for path in named if not (ROOT / path).exists() and not path.startswith(MADE)] == []
