"""The peak of a computation's memory, where the system tells it."""

from pathlib import Path

import numpy as np
import pytest

from pgpipe.jobs import memory
from pgpipe.jobs.memory import Peak


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="this system does not tell")
def test_the_peak_is_that_of_the_computation():
    for megabytes in (80, 20):  # the smaller one does not inherit the peak of the larger
        peak = Peak()
        np.ones(megabytes * 125_000).sum()
        assert megabytes - 5 < peak.megabytes < megabytes + 20


def test_a_system_that_does_not_tell_gives_no_number(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "PROCESS", tmp_path / "nowhere")
    assert np.isnan(Peak().megabytes)
