"""What `make verify` compares with is made in a fresh folder, from nothing that another run left."""

import subprocess
from argparse import Namespace

import pytest

from pgpipe.errors import UserError
from pgpipe.verification.runs import Run
from workflow import verify

ASKED = Namespace(config=[], cores=None, section=["line"])


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What Snakemake is called with, in place of calling it."""
    calls = []

    def call(command, **said):
        calls.append((command, said))
        return subprocess.CompletedProcess(command, len(calls) - 1)  # the second one fails

    monkeypatch.setattr(verify, "FRESH", tmp_path / "fresh")
    monkeypatch.setattr(subprocess, "run", call)
    monkeypatch.setenv("SNAKEMAKE_OUTPUT_CACHE", str(tmp_path / "cache"))
    return calls


def test_nothing_that_is_there_is_taken_over(asked, tmp_path):
    """Neither what lies in the folder nor what lies in Snakemake's cache between runs."""
    (tmp_path / "fresh/results").mkdir(parents=True)
    folder = verify.rebuild(ASKED, Run("a run", {}, {}, {}))
    assert list(folder.iterdir()) == []
    command, said = asked[0]
    assert "SNAKEMAKE_OUTPUT_CACHE" not in said["env"]
    assert command[-2:] == ["--config", "sections=[line]"]


def test_a_rebuilding_that_fails_is_no_comparison(asked):
    verify.rebuild(ASKED, Run("a run", {}, {}, {}))
    with pytest.raises(UserError, match="fresh: the rebuilding failed, as said above; nothing was compared"):
        verify.rebuild(ASKED, Run("a run", {}, {}, {}))


def test_a_recorded_config_with_plugins_needs_its_files(asked, tmp_path):
    """Their paths are told from the config file's folder."""
    then = Run("a run", {"config": {"plugins": ["./more.py"]}}, {}, {}, folder=tmp_path)
    with pytest.raises(
        UserError, match=r"^a run: found a config with plugins \(\./more\.py\); allowed: with"
    ):
        verify.rebuild(ASKED, then)
