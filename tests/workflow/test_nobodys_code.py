"""Somebody's code is run where the config names it, and nowhere else."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

# A package that leaves a trace when it is imported: its file is written beside it.
TRACE = "from pathlib import Path\nPath(__file__).with_suffix('.ran').touch()\n"
ENVIRONMENT = TRACE + (
    "import gymnasium\n"
    "gymnasium.register('traced/Cart-v0', entry_point='gymnasium.envs.classic_control.cartpole:CartPoleEnv')\n"
)
POLICY = TRACE + (
    "import torch\n"
    "class Net(torch.nn.Module):\n"
    "    def __init__(self, observed, acted):\n"
    "        super().__init__()\n"
    "        self.linear = torch.nn.Linear(4, 2)\n"
    "    def forward(self, obs):\n"
    "        return torch.distributions.Categorical(logits=self.linear(obs))\n"
)
NOBODY = {"base": "none", "three_samples": {"return_curve": {"bad": -2, "good": 1, "turn": 0, "width": 1}}}
CARTPOLE = {"id": "CartPole-v1", "gamma": 0.9, "policy": {"kind": "categorical_mlp", "hidden": [8]}}
NAMED = {
    "traced_environment": {**CARTPOLE, "id": "traced_environment:traced/Cart-v0"},
    "traced_policy": {**CARTPOLE, "policy": {"kind": "torch", "module": "traced_policy:Net"}},
}
READ = """
import json, sys
from pathlib import Path
from pgpipe.config.files import read_config
from pgpipe.lecture.config import Config
before = set(sys.modules)
read_config(Config, Path("config.yaml"), [json.loads(sys.argv[1])])
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.fixture
def lab(tmp_path):
    """A folder on Python's path with modules of somebody's, each of which says that it has run."""
    (tmp_path / "traced_environment.py").write_text(ENVIRONMENT)
    (tmp_path / "traced_policy.py").write_text(POLICY)
    (tmp_path / "traced_nobody.py").write_text(TRACE)
    return tmp_path


def read(root, lab, config):
    """Read a config in a process of its own: which of the lab's modules have run, which others were imported."""
    process = subprocess.run(
        [sys.executable, "-c", READ, json.dumps(config)], cwd=root, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": f"{root}:{lab}", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    return {path.stem for path in lab.glob("*.ran")}, json.loads(process.stdout)


def test_a_config_that_names_nobody_runs_nobody_s_code(root, lab):
    ran, imported = read(root, lab, NOBODY)
    assert ran == set()
    assert not [name for name in imported if name.partition(".")[0] in ("mujoco", "Box2D", "torch")]


BY_MODULE = pytest.mark.skipif(
    find_spec("pgpipe.plugins") is None, reason="ids with a module come with plugins"
)


@pytest.mark.parametrize("name", [pytest.param("traced_environment", marks=BY_MODULE), "traced_policy"])
def test_of_somebody_s_modules_only_the_named_one_runs(root, lab, name):
    ran, _ = read(
        root,
        lab,
        {**NOBODY, "environments": {"mine": NAMED[name]}, "gradient_study": {"environments": ["mine"]}},
    )
    assert ran == {name}
