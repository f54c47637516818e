"""A part that somebody adds as one file: read, listed, marked, refused and left out of formulas like the others."""

import sys
from importlib import import_module
from textwrap import dedent
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from lecture import test_figures
from matplotlib.lines import Line2D
from matplotlib.text import Text
from samples import LINE, estimator_spec, sample, some_theta

from pgpipe.config.files import ConfigError
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.parts import Part, read_part
from pgpipe.lecture.common.estimator_table import composed_of
from pgpipe.lecture.common.style import house_style, markers, palette
from pgpipe.lecture.gradients import certificate
from pgpipe.lecture.gradients.specs import list_estimators
from pgpipe.lecture.registry import figure_files
from pgpipe.oracles import line_off_policy
from pgpipe.oracles.variances import exact_variance

HEAD = """
from torch import Tensor

from pgpipe.estimators.facts import Facts
from pgpipe.estimators.ratios import LogWeights
from pgpipe.trajectories import Trajectories

"""
FILES = {
    "signals/largest": """
        @Facts(whole_trajectory=True)
        def largest(trajectories: Trajectories, gamma: float) -> Tensor:
            return trajectories.rewards.amax(-1, keepdim=True)
        """,
    "signals/guess": """
        def guess(trajectories: Trajectories, values: Tensor) -> Tensor:
            return trajectories.rewards + values[..., :-1]
        """,
    "baselines/half": """
        @Facts(source="others")
        def half(credit: Tensor, mask: Tensor) -> Tensor:
            totals = credit.sum(-1, keepdim=True)
            return (totals.sum(-2, keepdim=True) - totals) / 2
        """,
    "baselines/silent": """
        def silent(credit: Tensor, mask: Tensor) -> Tensor:
            return credit.mean((-2, -1), keepdim=True)
        """,
    "baselines/each": """
        def each(rows: Tensor, scores: Tensor) -> Tensor:
            return 0 * rows
        """,
    "importance/cut": """
        def cut(log_ratios: Tensor) -> LogWeights:
            return LogWeights(score=log_ratios.clamp(max=0.2))
        """,
    "importance/squeezed": """
        @Facts(corrects=("actions",))
        def squeezed(log_ratios: Tensor) -> LogWeights:
            return LogWeights(score=log_ratios)
        """,
}
LINES = """
estimators:
  mine:     {signal: largest, baseline: half}
  quiet:    {signal: reward_to_go, baseline: silent}
  fitted:   {signal: guess, baseline: none}
  certain:  {signal: guess, baseline: none, value: exact}
  constant: {signal: largest, baseline: each}
  cut:  {signal: reward_to_go, importance: cut}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of parts beside the package's own."""
    for family in ("signals", "baselines", "importance"):
        package = import_module(f"pgpipe.estimators.{family}")
        (tmp_path / family).mkdir()
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / family)])
    for name, text in FILES.items():
        (tmp_path / f"{name}.py").write_text(HEAD + dedent(text))
    yield tmp_path
    for name in FILES:  # whatever was imported is forgotten
        family, _, stem = name.partition("/")
        package = f"pgpipe.estimators.{family}"
        sys.modules.pop(f"{package}.{stem}", None)
        vars(sys.modules[package]).pop(stem, None)


@pytest.fixture
def config_with(folder, override):
    """The repository's config with an override, once the parts are there."""
    return override


@pytest.fixture
def table(config_with, tmp_path):
    """`estimators.csv` as it is read again, by name."""
    spec: Any = list_estimators(config_with(LINES)).spec
    table = certificate.list_estimators(spec)
    table.to_csv(tmp_path / "estimators.csv", index=False)
    return pd.read_csv(tmp_path / "estimators.csv").set_index("estimator")


def test_what_follows_from_new_parts_stands_in_the_table(table):
    expected = {
        # bias, whole_trajectory, per_parameter, needs_others, exact_value, state_ratios, corrects
        "mine": ("none", True, False, True, False, False, "nothing"),
        "quiet": ("own trajectory", False, False, False, False, False, "nothing"),
        "fitted": ("fitted value", False, False, True, False, False, "nothing"),
        "certain": ("none", False, False, False, True, False, "nothing"),
        "constant": ("own trajectory", True, True, False, False, False, "nothing"),
        "cut": ("none", False, False, False, False, False, "unknown"),
        "marginal": ("none", False, False, False, False, True, "actions, states"),
    }
    columns = ["bias", "whole_trajectory", "per_parameter", "needs_others"]
    columns += ["exact_value", "state_ratios", "corrects"]
    found = {name: tuple(table.loc[name, columns]) for name in expected}
    assert found == expected


def test_a_new_unbiased_composition_has_its_place_in_the_claims(table):
    assert composed_of(table.reset_index(), baseline="half") == ["mine"]
    assert composed_of(table.reset_index(), baseline="silent") == []
    assert composed_of(table.reset_index(), baseline="silent", bias="own trajectory") == ["quiet"]


# their series are credits of a trajectory, or their own study's, whatever the estimators are
OF_THEIR_OWN = ("P3_counterexamples", "P18_group_factors", "P19_trainings")


@pytest.mark.parametrize(
    "name", [f.name for f in figure_files() if "estimators" in f.tables and f.name not in OF_THEIR_OWN]
)
def test_new_estimators_have_marks_in_every_figure(name, table, monkeypatch):
    """Their label, and a dagger, a colour or a marker, whichever the figure tells estimators by."""
    monkeypatch.setattr(test_figures, "NAMES", ("mine", "quiet"))
    given = test_figures.tables() | {"estimators": table.reset_index()}
    file = next(f for f in figure_files() if f.name == name)
    with house_style():
        figure = import_module(file.module).draw(*(given[asked] for asked in file.tables))
        figure.canvas.draw()
    texts = [t.get_text() for t in figure.findobj(Text)]
    lines = figure.findobj(Line2D)
    if file.name in ("P3_gradient_variance", "P5_gradient_direction"):
        assert {"mine", "quiet †"} <= set(texts)
    elif file.name == "P4_gradient_bias":  # whose first row stands for all that are unbiased
        assert {"unbiased", "the most precise of 1", "quiet †"} <= set(texts)
    else:
        colours = {palette(table.reset_index())[n] for n in ("mine", "quiet")}
        assert colours <= {line.get_color() for line in lines}
    if file.name != "P11_batch_reuse":  # whose panels are named by form
        assert any(text.startswith("mine") for text in texts) or file.name == "P4_gradient_bias"
        assert any(text.startswith("quiet") for text in texts)
    plt.close("all")


def test_no_two_of_many_estimators_have_the_same_marks():
    many = pd.DataFrame({"estimator": [f"e{i}" for i in range(40)]})
    marks = zip(palette(many).values(), markers(many).values(), strict=True)
    assert len(set(marks)) == 40


MISFITS: dict[str, dict[str, Any]] = {
    "importance: found per_decision, whose ratios from the score to a reward signal largest has not, as it credits "
    "a step with past rewards too; allowed: gae, guess, reward_to_go, td": {
        "signal": "largest", "baseline": "none", "importance": "per_decision",
    },
    "normalize: found true; allowed: false, as baseline each acts on no advantages": {
        "signal": "reward_to_go", "baseline": "each", "normalize": True,
    },
    "self_normalize: found true; allowed: false, as importance none has no weights": {
        "signal": "largest", "baseline": "none", "self_normalize": True,
    },
}  # fmt: skip


@pytest.mark.parametrize("message", MISFITS)
def test_what_has_no_meaning_is_refused_by_the_estimator_as_by_the_config(message, config_with):
    with pytest.raises(ValueError, match=r"found .*allowed: ") as refusal:
        Estimator.from_spec(estimator_spec(**MISFITS[message]), 0.9)
    assert str(refusal.value) == message
    line = str(MISFITS[message]).replace("True", "true")
    with pytest.raises(ConfigError) as refusal:
        config_with(f"estimators: {{wrong: {line}}}")
    assert f"estimators.wrong: {message}" in str(refusal.value)


def test_a_part_that_asks_for_what_nobody_has_is_refused():
    def mean_of(credits, mask):
        return 0 * credits

    with pytest.raises(ValueError, match="asks for") as refusal:
        Estimator(lambda trajectories, gamma: trajectories.rewards, mean_of, 0.9)
    assert str(refusal.value) == (
        "baseline: found mean_of, which asks for 'credits'; did you mean 'credit'? "
        "Known: trajectories, gamma, gae_lambda, values, future, credit, mask, group"
    )


def test_a_recipe_with_a_batch_of_one_is_refused_where_others_are_needed(config_with):
    recipe = "recipes: {{one: {{environment: grid, estimator: {}, learning_rate: 1, episodes: 1}}}}"
    with pytest.raises(ConfigError, match=r"recipes\.one\.episodes: found 1; allowed: at least 2"):
        config_with(LINES + recipe.format("mine"))
    config_with(LINES + recipe.format("quiet"))


def test_no_formula_is_taken_for_that_of_a_part_it_does_not_know(folder):
    """Neither for a credit that is no λ-return, nor for a baseline that is no mean it knows."""
    from laws.test_variances import CASES, config_line

    oracle, environment, theta = CASES["coin"]
    outcomes = oracle.outcomes(np.array(theta), environment)
    values = oracle.values(np.array(theta), environment, outcomes.obs)
    for signal, baseline in (
        ("largest", "none"),
        ("guess", "none"),
        ("total_return", "half"),
        ("td", "silent"),
    ):
        line = config_line(signal, baseline)
        assert exact_variance(outcomes, line, environment["gamma"], 8, values) is None


def test_a_form_that_says_what_it_corrects_has_its_expectation(folder):
    theta = np.array([-0.4, 0.7])
    found = line_off_policy.expectations(theta, theta + 0.1, LINE)
    np.testing.assert_array_equal(found["squeezed"], found["first_order"])
    assert "cut" not in found


def test_new_parts_are_composed_as_they_say(folder):
    """By name; a file with torch in it says the same when it is run as when it is read."""
    estimator = Estimator.from_spec(estimator_spec("largest", "half"), 0.9)
    assert read_part("signals", "largest") == Part.of(estimator.signal)
    assert read_part("baselines", "half") == Part.of(estimator.baseline)
    batch = sample(LINE, some_theta(LINE), 3).split()[0]
    advantage = batch.rewards.amax(-1)
    advantage = advantage - (advantage.sum() - advantage) / 2
    torch.testing.assert_close(estimator.weighted_advantages(batch), advantage[:, None] * batch.mask)


WRONG = {
    '@Facts(sorce="others")': "unknown fact 'sorce'; did you mean 'source'? Known: whole_trajectory, lambda_return, own_gradient, "
    "source, average, corrects, per_reward, product, clips, divides",
    '@Facts(source="other")': "fact source: found 'other'; allowed: 'nothing', 'states', 'value', 'others', 'batch'",
    "@Facts(source=OTHERS)": "fact source: found OTHERS; allowed: a literal, written out",
    '@Facts("others")': "found fact 'others'; allowed: name=value",
    "@Facts(whole_trajectory=1)": "fact whole_trajectory: found 1; allowed: True, False",
}


@pytest.mark.parametrize("declaration", WRONG)
def test_a_wrong_fact_is_named_with_its_file(declaration, config_with, folder):
    path = folder / "baselines/half.py"
    path.write_text(path.read_text().replace('@Facts(source="others")', declaration))
    with pytest.raises(ConfigError) as error:
        config_with("estimators: {mine: {signal: td, baseline: half}}")
    assert f"estimators.mine: estimators/baselines/half.py: {WRONG[declaration]}" in str(error.value)
