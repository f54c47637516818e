"""Fixtures of all tests."""

from pathlib import Path

import pytest
import torch
from samples import ENVIRONMENTS

ROOT = Path(__file__).resolve().parent.parent

torch.set_num_threads(1)


# The files whose tests take longest, by the time that passes; of two that wait for one run, the second comes later.
LONGEST = (
    "test_killed_runs.py",
    "test_browser.py",
    "test_graph.py",
    "test_generated_configs.py",
    "test_own.py",
)


def pytest_collection_modifyitems(items):
    """They come first, then those that run a lecture: so all of pytest's workers end at about the same time."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (places.get(item.path.name, 99), item.path.parent.name != "workflow"))


@pytest.fixture(scope="session")
def browser():
    """The one browser of a process."""
    from browser import CHROMIUM, REQUIRED, launched

    if CHROMIUM is None and not REQUIRED:
        pytest.skip("chromium is not installed")
    with launched() as one:
        yield one


@pytest.fixture
def root():
    """The checkout."""
    return ROOT


# those that compiled code knows are computed by the plain code, too
PLAIN = [f"{name}, plain" for name in ("acrobot", "cartpole", "pendulum")]


@pytest.fixture(params=sorted([*ENVIRONMENTS, *PLAIN]))
def environment(request, monkeypatch):
    """Each environment's spec in turn."""
    name, _, plain = request.param.partition(", ")
    if plain:
        monkeypatch.setattr("pgpipe.compiler.COMPILES", False)
    return ENVIRONMENTS[name]
