"""How names and numbers stand in sentences."""

import pytest

from pgpipe.lecture.common.words import capital, readable, with_signs


@pytest.mark.parametrize(
    ("written", "set_so"),
    [
        ("E ĝ/∂J is -0.11 [-0.13, -0.10]", "E ĝ/∂J is −0.11 [−0.13, −0.10]"),
        ("it falls as N^(-0.5), by ±-1", "it falls as N^(−0.5), by ±−1"),
        ("(none - mean)/(none - best)", "(none − mean)/(none − best)"),
        ("at 1e-05, in 2-3 steps, half-trained, x-1", "at 1e-05, in 2-3 steps, half-trained, x-1"),
        ("26% or 26 %", "26 % or 26 %"),
        ("$k = -1$, 50% and `lr=-1 5%`", "$k = -1$, 50 % and `lr=-1 5%`"),
        ("- first\n- second", "- first\n- second"),
    ],
)
def test_signs(written, set_so):
    assert with_signs(written) == set_so
    assert with_signs(set_so) == set_so


def test_names_as_the_field_writes_them_and_ones_own_as_they_are():
    assert [readable(name) for name in ("dr_grpo", "gae", "my_grpo", "Mean_2")] == [
        "Dr. GRPO", "GAE", "my grpo", "Mean 2",
    ]  # fmt: skip
    assert capital("critic of RLOO") == "Critic of RLOO"
