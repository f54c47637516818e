"""`code_of` finds all that a job depends on, and nothing else."""

import ast

import pytest

from pgpipe.jobs.imports import checksums, code_of, digest, import_statements


def test_an_import_of_an_import_counts():
    found = code_of("pgpipe.training.curves")
    assert "pgpipe/training/curves.py" in found
    assert "pgpipe/training/loop.py" in found  # imported by the module
    assert "pgpipe/seeding.py" in found  # imported by the loop
    assert "pgpipe/training/__init__.py" in found  # runs when its module is imported


def test_what_is_not_imported_is_not_there():
    found = code_of("pgpipe.training.curves")
    assert not any(path.startswith(("pgpipe/lecture", "pgpipe/config", "pgpipe/oracles")) for path in found)
    assert not any("baselines/mean" in path or "signals/reward" in path for path in found)


def test_parts_that_a_spec_names_are_added():
    found = code_of("pgpipe.training.curves", "pgpipe.estimators.baselines.mean")
    assert "pgpipe/estimators/baselines/mean.py" in found
    assert "pgpipe/estimators/baselines/none.py" not in found


def test_importing_a_module_from_its_package_counts(root):
    """`from pgpipe.lecture import registry` depends on pgpipe/lecture/registry.py."""
    assert "from pgpipe.lecture import registry" in (root / "pgpipe/lecture/report/specs.py").read_text()
    assert "pgpipe/lecture/registry.py" in code_of("pgpipe.lecture.report.specs")


def test_a_file_that_is_no_code_counts_as_itself():
    assert code_of("pgpipe/lecture/line/text.md") == ["pgpipe/lecture/line/text.md"]


def test_every_job_depends_on_what_runs_it_and_on_the_versions():
    found = checksums("pgpipe.seeding")
    assert {"pgpipe/seeding.py", "workflow/run.py", "pgpipe/jobs/job.py", "requirements.lock"} <= set(found)
    assert "workflow/fork_server.py" not in found  # where a job runs decides nothing


def test_the_digest_tells_entries_apart():
    assert digest("pgpipe.seeding") == digest("pgpipe.seeding")
    assert digest("pgpipe.seeding") != digest("pgpipe.statistics")


@pytest.mark.parametrize("entry", ["pgpipe.nothing", "pgpipe/lecture/nothing.md", "numpy"])
def test_what_is_no_file_of_this_project_is_an_error(entry):
    with pytest.raises(FileNotFoundError, match=f"^'{entry}' is neither a module nor a file"):
        code_of(entry)


def test_imports_are_found_without_the_rest_of_a_file(root):
    """All of them, however deep."""
    for path in (root / "pgpipe").rglob("*.py"):
        text = path.read_text("utf-8")
        quick, whole = (imports_in(tree) for tree in (import_statements(text), ast.parse(text)))
        assert whole <= quick, path


@pytest.mark.parametrize(
    "text",
    [
        "if x:\n    from a import (\n        b,\n        c,\n    )\nimport d",
        "from a import (  # all of (them\n    b,  # and (this)\n    c\n)\nimport d\n",
        '"""Numbers\nfrom the first\n"""\nfrom a import b, c\nimport d',
        "from a import b, \\\n    c\nimport d",
    ],
)
def test_an_import_in_parentheses_may_have_comments(text):
    assert imports_in(import_statements(text)) == {"a b", "a c", "d"}


def imports_in(tree):
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {
        f"{statement.module} {alias.name}" if isinstance(statement, ast.ImportFrom) else alias.name
        for statement in statements
        for alias in statement.names
    }
