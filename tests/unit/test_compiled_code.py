"""Where compiled code is kept, and what runs where there is no compiler."""

import json
import subprocess
import sys

import pytest
from samples import CARTPOLE, recipe

from pgpipe import compiler
from pgpipe.jobs.imports import code_of
from pgpipe.rollout import Recording
from pgpipe.training.loop import Training
from pgpipe.training.spec import ValueNetworkSpec
from pgpipe.training.value_network import PlainRegression

if compiler.INSTALLED:
    from pgpipe.fused import compiled

needs_numba = pytest.mark.skipif(not compiler.INSTALLED, reason="numba is not installed")


@pytest.fixture
def looked_for_anew():
    """Folder and content as if nobody had asked before."""
    yield
    for known in (compiled.folder, compiled.content):
        known.cache_clear()


@needs_numba
def test_the_folder_is_that_of_the_content(tmp_path, monkeypatch, looked_for_anew):
    """An edit of any file of the room, or another version of the compiler, leads to another one."""
    monkeypatch.setenv("PGPIPE_CACHE", str(tmp_path / "cache"))
    compiled.folder.cache_clear()
    before = compiled.folder()
    assert before is not None
    assert before == tmp_path / "cache" / compiled.content()
    assert before.stat().st_mode & 0o777 == 0o700
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "kernel.py").write_text("another")
    monkeypatch.setattr(compiled, "HERE", tmp_path / "room")
    compiled.folder.cache_clear()
    compiled.content.cache_clear()
    assert compiled.folder() != before


@needs_numba
def test_where_nothing_can_be_written_nothing_is_kept(tmp_path, monkeypatch, looked_for_anew):
    """A file is in the way."""
    (tmp_path / "cache").write_text("")
    monkeypatch.setenv("PGPIPE_CACHE", str(tmp_path / "cache"))
    compiled.folder.cache_clear()
    assert compiled.folder() is None
    assert compiled.compiled(lambda x: x + 1)(1) == 2


def test_a_job_depends_on_the_compiled_code_and_on_no_environment_by_it():
    code = code_of("pgpipe.rollout")
    assert {"pgpipe/fused/kernel.py", "pgpipe/fused/tiles.py", "pgpipe/compiler.py"} <= set(code)
    assert "pgpipe/envs/acrobot.py" not in code


def test_without_a_compiler_the_plain_code_computes():
    """In a process that finds no numba."""
    program = f"""
import json, sys
sys.modules["numba"] = None
import importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "numba" else find_spec(name, *rest)
from pgpipe.training.loop import Training
training = Training({recipe(CARTPOLE, updates=1)!r}, [0])
training.update()
print(json.dumps([type(training.recording).__name__, bool(training.theta.isfinite().all())]))
"""
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(made.stdout) == ["Recording", True]


def test_the_plain_code_can_be_chosen(monkeypatch):
    monkeypatch.setattr("pgpipe.compiler.INSTALLED", False)
    network: ValueNetworkSpec = {"hidden": [4], "learning_rate": 0.01, "gradient_steps": 1}
    training = Training(recipe(CARTPOLE, value_network=network), [0])
    assert isinstance(training.recording, Recording)
    assert training.critic is not None
    assert isinstance(training.critic.network, PlainRegression)
