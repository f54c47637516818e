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


@pytest.fixture(params=sorted(ENVIRONMENTS))
def environment(request):
    """Each environment's spec in turn."""
    return ENVIRONMENTS[request.param]
