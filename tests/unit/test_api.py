"""The public interface: what it promises by examples, and that nothing is imported before it is asked for."""

import doctest
import subprocess
import sys

import pytest

import pgpipe
from pgpipe import api


def test_examples_in_the_docstrings_hold():
    found = doctest.testmod(api)
    assert found.attempted >= 15
    assert found.failed == 0


def test_what_can_be_imported_from_the_package_is_the_interface():
    assert sorted(pgpipe.PUBLIC) == sorted(api.__all__) == sorted(dir(pgpipe))
    for name in pgpipe.PUBLIC:
        assert getattr(pgpipe, name) is getattr(api, name)


def test_type_checkers_see_the_same(root):
    stub = (root / "pgpipe/__init__.pyi").read_text()
    assert all(f"import {name} as {name}\n" in stub for name in api.__all__)


def test_an_unknown_name_is_refused():
    with pytest.raises(
        AttributeError, match=r"^module 'pgpipe' has no attribute 'colect'\. Known: Certificate, "
    ):
        getattr(pgpipe, "colect")  # noqa: B009


def test_importing_the_package_imports_no_torch():
    code = "import sys, pgpipe; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_has_no_exact_gradient_is_refused():
    pole = api.make_environment("CartPole-v1", gamma=1.0, policy={"kind": "categorical_mlp", "hidden": [4]})
    with pytest.raises(
        ValueError, match=r"^no exact gradient of CartPole-v1 with categorical_mlp; known: pgpipe/Line"
    ):
        api.exact_gradient(pole, api.initial(pole))


def test_the_example_tells_wrong_from_right(root):
    process = subprocess.run(
        [sys.executable, root / "examples/judge_an_estimator.py"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    assert "1 judged: 1 broken. Broken: wrong." in process.stdout
    assert "nothing own is subtracted" in process.stdout
    assert process.stdout.endswith("\nunbiased\n")


def test_a_time_limit_below_one_step_is_refused():
    with pytest.raises(ValueError, match="max_episode_steps: found -1; allowed: 1 or more"):
        api.make_environment(
            "CartPole-v1", gamma=0.9, policy={"kind": "categorical_mlp"}, max_episode_steps=-1
        )
