"""`code_of` finds all that a script depends on, and nothing else."""

import pytest

from pgpipe.imports import ROOT, code_of


@pytest.fixture
def names(root, monkeypatch):
    """Entries -> the set of project files, from the checkout's folder."""
    monkeypatch.chdir(root)
    return lambda *entries: set(code_of(*entries))


def test_an_import_of_an_import_counts(names):
    found = names("workflow/scripts/train_block.py")
    assert "workflow/scripts/train_block.py" in found
    assert "pgpipe/training/loop.py" in found  # imported by the script
    assert "pgpipe/seeding.py" in found  # imported by the loop
    assert "pgpipe/training/__init__.py" in found  # runs when its module is imported


def test_what_is_not_imported_is_not_there(names):
    found = names("workflow/scripts/train_block.py")
    assert not any(path.startswith(("pgpipe/figures", "pgpipe/claims", "pgpipe/oracles")) for path in found)
    assert not any("baselines/mean" in path or "signals/reward" in path for path in found)
    assert "pgpipe/config/model.py" not in found


def test_parts_that_a_spec_names_are_added(names):
    found = names("workflow/scripts/train_block.py", "pgpipe.estimators.baselines.mean")
    assert "pgpipe/estimators/baselines/mean.py" in found
    assert "pgpipe/estimators/baselines/none.py" not in found


def test_importing_a_module_from_its_package_counts(tmp_path, names):
    """`from pgpipe import registry` depends on pgpipe/registry.py."""
    script = ROOT / "pgpipe" / "specs" / "figures.py"
    assert "from pgpipe import registry" in script.read_text()
    assert "pgpipe/registry.py" in names("pgpipe.specs.figures")


def test_paths_are_relative_to_where_the_pipeline_runs(tmp_path, monkeypatch):
    (tmp_path / "runs").mkdir()
    monkeypatch.chdir(tmp_path / "runs")
    for path in code_of("pgpipe.seeding"):
        assert not path.startswith("/")
        assert (tmp_path / "runs" / path).resolve().is_relative_to(ROOT)


@pytest.mark.parametrize("entry", ["pgpipe.nothing", "workflow/scripts/nothing.py", "numpy"])
def test_what_is_no_file_of_this_project_is_an_error(names, entry):
    with pytest.raises(FileNotFoundError, match=f"^'{entry}' is neither a module nor a script"):
        names(entry)
