"""Where compiled code is kept, and what runs where there is no compiler."""

import json
import shutil
import subprocess
import sys
from itertools import product

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


@needs_numba
def test_code_that_others_could_have_put_there_is_not_run(tmp_path, monkeypatch, looked_for_anew):
    monkeypatch.setenv("PGPIPE_CACHE", str(tmp_path))
    (tmp_path / compiled.content()).mkdir()
    (tmp_path / compiled.content()).chmod(0o777)
    compiled.folder.cache_clear()
    assert compiled.folder() is None


def _one_more(x):
    return x + 1


def kept_in(place, monkeypatch):
    """A function whose code is kept there."""
    monkeypatch.setenv("PGPIPE_CACHE", str(place))
    compiled.folder.cache_clear()
    return compiled.compiled(_one_more)


@needs_numba
def test_two_processes_that_compile_at_once_do_not_mix_their_code_up(tmp_path, monkeypatch, looked_for_anew):
    """Each of its own signature, in whichever order their files are written."""
    for place, number in (("a", 1), ("b", 1.5)):
        assert kept_in(tmp_path / place, monkeypatch)(number) == number + 1
    files = [sorted((tmp_path / place / compiled.content()).iterdir()) for place in "ab"]
    for order, last in enumerate(product("ab", repeat=2)):
        folder = tmp_path / str(order) / compiled.content()
        folder.mkdir(mode=0o700, parents=True)
        for kind, winner in zip((".nbi", ".nbc"), last, strict=True):
            for some in files if winner == "b" else reversed(files):
                for file in some:
                    if file.suffix == kind:
                        shutil.copy(file, folder)
        function = kept_in(tmp_path / str(order), monkeypatch)
        for number in (1, 1.5):
            assert function(number) == number + 1
            assert type(function(number)) is type(number)


@needs_numba
@pytest.mark.parametrize("left", [0, 1_000], ids=["empty", "cut"])
def test_a_file_that_is_not_whole_is_written_anew(left, tmp_path, monkeypatch, looked_for_anew):
    """As a machine that loses power may leave it."""
    assert kept_in(tmp_path, monkeypatch)(1) == 2
    for file in (tmp_path / compiled.content()).iterdir():
        file.write_bytes(file.read_bytes()[:left])
    assert kept_in(tmp_path, monkeypatch)(1) == 2
    again = kept_in(tmp_path, monkeypatch)
    assert again(1) == 2
    assert sum(again.stats.cache_hits.values()) == 1


@needs_numba
def test_where_there_is_no_room_any_more_code_runs_all_the_same(tmp_path, monkeypatch, looked_for_anew):
    """A quota, of which the disk says nothing."""

    def refuse(*_):
        raise OSError(122, "Disk quota exceeded")

    function = kept_in(tmp_path, monkeypatch)
    monkeypatch.setattr("numba.core.caching.os.replace", refuse)
    assert function(1) == 2
    assert not list((tmp_path / compiled.content()).iterdir())


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
