"""A config names plugins: what they have is known by name, and what is wrong with them is said in a line."""

import subprocess
import sys
from textwrap import dedent

import pytest
from own_code import BASELINE, ENVIRONMENT, LAB, forgotten, write

from pgpipe.config.files import ConfigError, read_config
from pgpipe.jobs.imports import _behind, _imports, code_of, digest
from pgpipe.jobs.trial import modules_of, try_plugins
from pgpipe.lecture import registry, yours
from pgpipe.lecture.config import Config
from pgpipe.lecture.gradients.specs import estimate_gradients
from pgpipe.lecture.report.specs import draw_figure, evaluate_section, write_report
from pgpipe.lecture.tables import Tables
from pgpipe.plugins.loaded import LOADED
from pgpipe.plugins.loading import import_named, places
from pgpipe.plugins.plugin import PluginError

MARKED = "from pgpipe.own import baseline\n\n@baseline(source='others')" + dedent(
    BASELINE.format(name="own_marked")
)
ENTRY = "{id: OwnLab/Countdown-v0, gamma: 0.9, policy: {kind: categorical_mlp, hidden: [4]}}"
STUDY = "gradient_study: {environments: [line]}\n"
NET = """
    from torch import nn
    from torch.distributions import Categorical
    class Net(nn.Module):
        def __init__(self, observed, acted):
            super().__init__()
            self.line = nn.Linear(observed.shape[0], int(acted.n))
        def forward(self, obs):
            return Categorical(logits=self.line(obs))
    """
FIGURE = '"""{title}\n\nAlt.\n\nCaption."""\n\ndef draw(gradient_quality): ...\n'


@pytest.fixture(autouse=True)
def _forgotten():
    with forgotten():
        yield


@pytest.fixture
def read(tmp_path, root):
    """The repository's config with a file laid over it that lies beside plugins."""

    def reading(text, files=None, arguments=()):
        write(tmp_path, LAB | {"own_more.py": MARKED} | (files or {}))
        (tmp_path / "mine.yaml").write_text(text)
        return read_config(Config, root / "config.yaml", [tmp_path / "mine.yaml"], arguments)

    return reading


def mistake(read, tmp_path, *given):
    """The one line of the error, with the file's folder left out."""
    with pytest.raises(ConfigError) as error:
        read(*given)
    first, line = str(error.value).splitlines()
    assert first == "1 mistake(s) in the config"
    return line.strip().replace(f"{tmp_path}/", "")


def test_parts_of_plugins_are_known_by_name(read):
    config = read(
        f"{STUDY}plugins: [./own_lab, own_more.py]\nestimators:\n"
        "  mine: {signal: reward_to_go, baseline: own_half}\n"
        "  marked: {signal: total_return, baseline: own_marked}\n"
    )
    assert config.plugins == ["./own_lab", "own_more.py"]
    assert config.estimators["marked"].composed.leaves_own_out
    assert {"own_lab.baselines.own_half", "own_more"} <= set(estimate_gradients(config, "line").uses)


def test_an_unknown_part_has_the_nearest_name_of_all(read, tmp_path):
    line = mistake(
        read, tmp_path, "plugins: [./own_lab]\nestimators: {mine: {signal: td, baseline: own_haf}}\n"
    )
    assert line.startswith(
        "mine.yaml: estimators.mine.baseline: unknown baseline 'own_haf'; did you mean 'own_half'? Known: batch_mean"
    )


def test_environments_of_plugins_are_known(read):
    config = read(f"plugins: [./own_lab]\nenvironments: {{mine: {ENTRY}}}\n")
    assert config.environments["mine"].longest == 5


def test_without_plugins_the_config_says_nothing_of_them(read, root):
    """Or every report of a config that has none would be written again."""
    plain = read_config(Config, root / "config.yaml")
    assert "plugins" not in plain.model_dump(mode="json")
    assert read("plugins: [./own_lab]").model_dump(mode="json")["plugins"] == ["./own_lab"]


def test_plugins_of_all_files_count_each_from_its_own_folder(read, tmp_path, monkeypatch):
    write(tmp_path, {"elsewhere/own_third.py": MARKED.replace("own_marked", "own_third")})
    monkeypatch.chdir(tmp_path / "elsewhere")
    config = read(
        "plugins: [./own_lab]\nestimators: {mine: {signal: td, baseline: own_third}}\n",
        None,
        ["plugins=[./own_third.py, ../own_lab]"],
    )
    assert config.plugins == ["./own_lab", "./own_third.py", "../own_lab"]


@pytest.mark.parametrize(
    ("text", "files", "said"),
    [
        ("plugins: own_lab", {}, "mine.yaml: plugins: found 'own_lab'; Input should be a valid list"),
        (
            "plugins: [./own_mor.py]",
            {},
            "mine.yaml: plugins: found './own_mor.py', which is no plugin at own_mor.py; did you mean 'own_more.py'? "
            "Allowed: a file .py, a folder with __init__.py, the name of an installed package",
        ),
        (
            "plugins: [./own_bad.py]",
            {"own_bad.py": "def f(:\n"},
            "mine.yaml: plugins: './own_bad.py': own_bad.py cannot be read: invalid syntax (own_bad.py, line 1)",
        ),
        (
            "plugins: [./own_bad.py]",
            {"own_bad.py": "import gymnasium\n1 / 0\n"},
            "mine.yaml: plugins: './own_bad.py': own_bad cannot be imported: ZeroDivisionError: division by zero "
            "(own_bad.py, line 2)",
        ),
        (
            "plugins: [./own_lab]",
            {"own_lab/baselines/mean.py": BASELINE.format(name="mean")},
            "plugins: 'mean' is there twice, in estimators/baselines/mean.py and own_lab/baselines/mean.py; allowed: "
            "another name",
        ),
        (
            "plugins: [./own_lab]",
            {"own_lab/baselines/ownMean.py": BASELINE.format(name="ownMean")},
            "plugins: found 'ownMean' in own_lab/baselines/ownMean.py; allowed: lower-case letters, digits and _",
        ),
        (
            "plugins: [./own_lab]\nestimators: {mine: {signal: td, baseline: own_empty}}",
            {"own_lab/baselines/own_empty.py": "def own_other(credit): ...\n"},
            "mine.yaml: estimators.mine: own_lab/baselines/own_empty.py has no function 'own_empty'; found: own_other",
        ),
        (
            f"plugins: [./own_lab]\nenvironments: {{mine: {ENTRY.replace('Countdown', 'Cuntdown')}}}",
            {},
            "mine.yaml: environments.mine.id: Environment `Cuntdown` doesn't exist in namespace OwnLab. Did you mean: "
            "`Countdown`?",
        ),
        (
            f"environments: {{mine: {ENTRY.replace('OwnLab/', 'own_nowhere:OwnLab/')}}}",
            {},
            "mine.yaml: environments.mine.id: own_nowhere cannot be imported: ModuleNotFoundError: No module named "
            "'own_nowhere'",
        ),
    ],
    ids=["no list", "no file", "no Python", "fails", "name twice", "name", "no function", "no id", "no module"],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_line(read, tmp_path, text, files, said):
    assert mistake(read, tmp_path, text, files) == said


def test_with_nothing_below_it_parts_and_policies_of_plugins_are_known(read):
    """And `base: none` borrows what is named beside them."""
    entry = ENTRY.replace("{kind: categorical_mlp, hidden: [4]}", "{kind: torch, module: own_lab.nets:Net}")
    config = read(
        f"base: none\nplugins: [./own_lab]\nenvironments: {{mine: {entry}}}\nestimators:\n"
        "  mine: {signal: reward_to_go, baseline: own_half}\ngradient_study: {environments: [mine]}\n"
        "recipes: {mine: {environment: mine, estimator: mean_baseline, learning_rate: 0.1}}\n",
        {"own_lab/nets.py": NET},
    )
    assert list(config.estimators) == ["mean_baseline", "mine"]
    uses = estimate_gradients(config, "mine").uses
    assert {"own_lab.nets", "own_lab.baselines.own_half", "gymnasium:OwnLab/Countdown-v0"} <= set(uses)


def test_a_policy_may_lie_beside_a_plugin(read, tmp_path, monkeypatch):
    """And a job that has nothing to do with the plugin finds it, and what it imports from beside it."""
    read(
        "plugins: [./own_more.py]\nenvironments:\n"
        "  mine: {id: CartPole-v1, gamma: 0.9, policy: {kind: torch, module: own_net:Net}}\n",
        {"own_net.py": f"import own_tool\n{dedent(NET)}", "own_tool.py": ""},
    )
    assert code_of("own_net") == ["own_net.py", "own_tool.py"]
    monkeypatch.setenv("PGPIPE_PLUGINS", places())
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if folder != str(tmp_path)])
    import_named(["own_net"])


def test_only_what_a_config_names_is_imported(read, tmp_path):
    """A file beside it, or one that could be a plugin, runs only if the config names it."""
    trap = "from pathlib import Path\nimport gymnasium\nPath(__file__).with_suffix('.ran').touch()\n"
    read("plugins: [./own_more.py]", {"own_trap.py": trap, "own_pack/__init__.py": trap})
    assert list(tmp_path.rglob("*.ran")) == []
    read("plugins: [./own_trap.py]")
    assert [path.name for path in tmp_path.rglob("*.ran")] == ["own_trap.ran"]


def test_an_id_may_name_its_module(read, tmp_path, monkeypatch):
    """As `gymnasium.make` takes it: case 01."""
    text = (
        ENVIRONMENT
        + "\n    gymnasium.register(id='Own/Down-v0', entry_point=Countdown, max_episode_steps=4)\n"
    )
    monkeypatch.syspath_prepend(write(tmp_path / "path", {"own_module.py": text}))
    config = read(
        "environments: {mine: {id: own_module:Own/Down-v0, gamma: 0.9, kwargs: {length: 2}, "
        "policy: {kind: categorical_mlp}}}\nrecipes: {own: {environment: mine, estimator: mean_baseline, "
        "learning_rate: 0.1}}\ngradient_study: {environments: [mine]}\n"
    )
    assert config.environments["mine"].longest == 4
    assert "gymnasium:own_module:Own/Down-v0" in estimate_gradients(config, "mine").uses
    line = mistake(
        read,
        tmp_path,
        "environments: {mine: {id: own_module:Own/Dwn-v0, gamma: 1.0, policy: {kind: categorical_mlp}}}",
    )
    assert line.endswith("Environment `Dwn` doesn't exist in namespace Own. Did you mean: `Down`?")


def test_all_that_a_plugin_has_is_imported_before_any_job(read, tmp_path):
    """Once: the same code is not tried again."""
    folder, bad = tmp_path / "remembered", {"own_lab/baselines/own_bad.py": "import own_nothing"}
    read("plugins: [./own_lab]", bad)
    with pytest.raises(PluginError) as error:
        try_plugins(folder)
    said = str(error.value).replace(f"{tmp_path}/", "")
    assert said == (
        "mine.yaml: plugins: './own_lab': own_lab.baselines.own_bad cannot be imported: ModuleNotFoundError: "
        "No module named 'own_nothing' (own_bad.py, line 1)"
    )
    read("plugins: [./own_lab]", {"own_lab/baselines/own_bad.py": "import os\nos._exit(3)"})
    with pytest.raises(
        PluginError, match="while own_lab was imported, the process it ran in ended with exit code 3"
    ):
        try_plugins(folder)
    assert not folder.exists()
    read("plugins: [./own_lab]", {"own_lab/baselines/own_bad.py": "import cycler\ndef own_bad(credit): ..."})
    (tmp_path / "cycler.py").write_text("")
    for remembered in (_imports, _behind):  # which a process has for its lifetime
        remembered.cache_clear()
    with pytest.raises(PluginError, match=r"/cycler.py is imported as cycler, which is .* already; allowed"):
        try_plugins(folder)
    (tmp_path / "cycler.py").unlink()
    for remembered in (_imports, _behind, digest):
        remembered.cache_clear()
    try_plugins(folder)
    assert [path.name for path in folder.iterdir()] == [f"own_lab-{digest(*modules_of(LOADED['own_lab']))}"]


def test_the_snakefiles_process_needs_no_torch(tmp_path, root):
    """Nor does a plugin that is written for it."""
    write(tmp_path, {"own_more.py": "import torch\n" + MARKED})
    (tmp_path / "mine.yaml").write_text(
        "plugins: [own_more.py]\nestimators: {a: {signal: td, baseline: own_marked}}"
    )
    code = (
        "import sys; from pathlib import Path; from pgpipe.config.files import read_config\n"
        "from pgpipe.lecture.config import Config\n"
        f"read_config(Config, Path('config.yaml'), [Path({str(tmp_path / 'mine.yaml')!r})])\n"
        "sys.exit('torch' in sys.modules)"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr


OWN = {
    "own_lab/figures/bars.py": FIGURE.format(title="Y2 Bars"),
    "own_lab/claims.py": "def y1(gradient_quality): ...\ndef y3(estimators, gradient_quality): ...\n",
}


def test_figures_and_claims_of_ones_own_are_in_the_last_section(read):
    others = registry.figure_files(), registry.section_files()
    config = read("plugins: [./own_lab]", OWN)
    *figures, own = registry.figure_files()
    *sections, yours_section = registry.section_files()
    assert (tuple(figures), tuple(sections)) == others
    assert (own.name, own.section, own.tables) == ("Y2_bars", "yours", ("gradient_quality",))
    assert yours_section.tables == ("gradient_quality", "estimators")
    assert list(draw_figure(config, "Y2_bars").uses) == ["own_lab.figures.bars"]
    assert list(evaluate_section(config, "yours").uses) == ["own_lab.claims"]
    assert {"own_lab.figures.bars", "own_lab.claims"} <= set(write_report(config).uses)
    asked = Tables(["line"])
    known = {table for files in others for file in files for table in file.tables}
    for name in known:
        asked.publish([f"reports/tables/{name}.csv"], {}, made=name == "gradient_quality")
    assert [figure.name for figure in asked.figures()] == ["Y2_bars"]  # whatever parts are asked for
    assert asked.evaluated() == [yours_section]
    assert asked.told == ["gradient_quality"]
    assert yours.own_text() == (
        '# Yours {#yours}\n\n<< figure("Y2") >>\n\n<< evidence("Y1") >>\n\n<< evidence("Y3") >>\n\n'
    )


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"own_lab/figures/bars.py": FIGURE.format(title="P4 Bars")}, "begins with P4, not with an id, like Y1"),
        ({"own_lab/figures/Bars.py": FIGURE.format(title="Y4 Bars")}, "allowed: a name of lower-case letters, digits and _"),
        ({"own_lab/figures/bars.py": FIGURE.format(title="Y3 Bars")}, "id Y3 is there twice, in figures or claims; allowed: another number"),
        ({"own_lab/claims.py": "def c3(estimators): ..."}, "found c3, which is the lecture's; allowed: functions y1, y2, …"),
        ({"own_lab/figures/bars.py": "def draw(:"}, "bars.py cannot be read: invalid syntax (bars.py, line 1)"),
    ],
)  # fmt: skip
def test_ids_of_ones_own_begin_with_y(read, files, said):
    read("plugins: [./own_lab]", OWN | files)
    with pytest.raises(PluginError) as error:
        registry.section_files()
    assert str(error.value).endswith(said)
