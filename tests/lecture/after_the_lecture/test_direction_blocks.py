"""Configs of clipping, γᵗ and equal variance: what is refused, in full, and what a job is told."""

from typing import Any

import pytest

from pgpipe.config.files import ConfigError, read_config
from pgpipe.lecture.after_the_lecture.specs import directions as specs
from pgpipe.lecture.config import Config

MISTAKES = {
    "clipping on what is no bandit": (
        "clipping_study: {environment: chain}",
        "clipping_study.environment: found chain; allowed: one of pgpipe/Bandit-v0 whose exact J is known: bandit",
    ),
    "equations on what is no line": (
        "clipping_study: {line: grid}",
        "clipping_study.line: found grid; allowed: one of pgpipe/Line-v0 whose exact J is known: line",
    ),
    "the discount of what is no line": (
        "discount_study: {environment: bandit}",
        "discount_study.environment: found bandit, which is no line. Allowed: line",
    ),
    "a loop below σ = 0": (
        "discount_study: {loop: {half_sigma: 0.5}}",
        "discount_study.loop.half_sigma: found 0.5; allowed: less than its sigma, 0.5",
    ),
    "two best arms": (
        "baseline_study: {rewards: [1.0, 1.0, 0.0]}",
        "baseline_study.rewards: found [1.0, 1.0, 0.0]; allowed: one arm that is better than the others",
    ),
}


@pytest.mark.parametrize("case", sorted(MISTAKES))
def test_a_mistake_is_named_in_full(case, root, tmp_path):
    text, line = MISTAKES[case]
    mine = tmp_path / "mine.yaml"
    mine.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_config(Config, root / "config.yaml", [mine])
    assert str(error.value).splitlines()[1].strip() == f"{mine}: the whole config: {line}"


@pytest.fixture
def config(root):
    return read_config(Config, root / "config.yaml")


def test_the_default_kls_are_those_of_math_md(config):
    spec: Any = specs.compare_clipping(config).spec
    assert spec["kls"] == [0.0, 0.005, 0.02, 0.039, 0.08]
    assert {name: form["importance"] for name, form in spec["forms"].items()} == {
        "plain": "first_order",
        "clipped": "clipped",
        "v_trace": "v_trace",
    }
    assert (spec["forms"]["clipped"]["clip"], spec["forms"]["v_trace"]["truncation"]) == (0.2, 1.0)


def test_an_edit_of_a_part_redoes_what_uses_it(config):
    """The parts are named nowhere else."""
    used = specs.compare_clipping(config).uses
    assert {f"pgpipe.estimators.importance.{name}" for name in ("clipped", "v_trace")} <= set(used)
    assert "pgpipe.estimators.signals.td" in specs.study_discount(config).uses


def test_a_rule_is_left_out_by_null(root, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("baseline_study: {rules: {vanilla_large: null}}")
    found = read_config(Config, root / "config.yaml", [mine])
    spec: Any = specs.compare_baselines(found).spec
    assert list(spec["rules"]) == ["natural", "vanilla"]
