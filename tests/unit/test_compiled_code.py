"""Where compiled code is kept, and what runs where there is no compiler."""

import json
import os
import shutil
import subprocess
import sys
from itertools import product

import pytest
from samples import CARTPOLE, recipe

from pgpipe import compiler
from pgpipe.jobs.imports import code_of, digest
from pgpipe.recording import Recording
from pgpipe.training.loop import Training
from pgpipe.training.spec import ValueNetworkSpec
from pgpipe.training.value_network import PlainRegression

if compiler.COMPILES:
    from pgpipe.fused import compiled

needs_numba = pytest.mark.skipif(not compiler.COMPILES, reason="numba is not installed")


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


@pytest.fixture
def blocked(tmp_path, monkeypatch):
    """A file is in the way of all three folders; the place of the named one."""
    place = tmp_path / "file"
    place.write_text("")
    for name in ("PGPIPE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(place))
    monkeypatch.setattr(compiled, "gettempdir", lambda: str(place))
    compiled.folder.cache_clear()


@needs_numba
def test_where_nothing_can_be_written_nothing_is_kept(blocked, caplog, looked_for_anew):
    assert compiled.folder() is None
    assert "PGPIPE_CACHE" in caplog.text
    assert compiled.compiled(lambda x: x + 1)(1) == 2


@needs_numba
def test_a_home_that_is_read_only_is_done_without(tmp_path, blocked, monkeypatch, looked_for_anew):
    """Or else each process would compile."""
    monkeypatch.setattr(compiled, "gettempdir", lambda: str(tmp_path))
    found = compiled.folder()
    assert found is not None
    assert found.parent == tmp_path
    assert found.stat().st_mode & 0o777 == 0o700


@needs_numba
def test_code_that_others_could_have_put_there_is_not_run(tmp_path, blocked, monkeypatch, looked_for_anew):
    monkeypatch.setenv("PGPIPE_CACHE", str(tmp_path))
    (tmp_path / compiled.content()).mkdir()
    (tmp_path / compiled.content()).chmod(0o777)
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


WITHOUT_NUMBA = """
from importlib import metadata
version = metadata.version
def hidden(name):
    if name == "numba":
        raise metadata.PackageNotFoundError(name)
    return version(name)
metadata.version = hidden
"""
TRAIN = f"""
import json, sys
from pgpipe.jobs.imports import digest
from pgpipe.training.loop import Training
training = Training({recipe(CARTPOLE, updates=1)!r}, [0])
training.update()
finite = bool(training.theta.isfinite().all())
print(json.dumps([type(training.recording).__name__, finite, "numba" in sys.modules, digest("pgpipe.rollout")]))
"""


@pytest.mark.parametrize(
    ("program", "variables"),
    [(WITHOUT_NUMBA, {}), ("", {"NUMBA_DISABLE_JIT": "1"}), ("", {"PGPIPE_ENGINE": "plain"})],
    ids=["not installed", "not compiling", "not wanted"],
)
def test_without_a_compiler_the_plain_code_computes(program, variables):
    """Whose results are others, so that its jobs are, too."""
    told = [sys.executable, "-c", program + TRAIN]
    made = subprocess.run(told, capture_output=True, text=True, check=True, env=os.environ | variables)
    *found, code = json.loads(made.stdout)
    assert found == ["Recording", True, False]
    assert (code == digest("pgpipe.rollout")) != compiler.COMPILES


@needs_numba
def test_a_numba_that_cannot_be_imported_is_told_in_a_line(tmp_path):
    """As it is of a numpy that is too new for it."""
    (tmp_path / "numba").mkdir()
    (tmp_path / "numba" / "__init__.py").write_text("raise ImportError('numba needs another numpy')")
    program = "from pgpipe.errors import UserError\ntry:\n import pgpipe.fused.compiled\nexcept UserError as e: print(e)"
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    told = [sys.executable, "-c", program]
    made = subprocess.run(
        told, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": path}
    )
    assert "numba needs another numpy" in made.stdout
    assert "PGPIPE_ENGINE=plain" in made.stdout


def test_the_plain_code_can_be_chosen(monkeypatch):
    monkeypatch.setattr("pgpipe.compiler.COMPILES", False)
    network: ValueNetworkSpec = {"hidden": [4], "learning_rate": 0.01, "gradient_steps": 1}
    training = Training(recipe(CARTPOLE, value_network=network), [0])
    assert isinstance(training.recording, Recording)
    assert training.critic is not None
    assert isinstance(training.critic.network, PlainRegression)
