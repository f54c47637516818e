"""Fixtures of all tests."""

from pathlib import Path

import pytest
import torch
from samples import ENVIRONMENTS

ROOT = Path(__file__).resolve().parent.parent

torch.set_num_threads(1)


def pytest_collection_modifyitems(items):
    """Those that run a lecture take longest, so they come first."""
    items.sort(key=lambda item: item.path.parent.name != "workflow")


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
        monkeypatch.setattr("pgpipe.compiler.INSTALLED", False)
    return ENVIRONMENTS[name]
