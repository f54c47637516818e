"""A run of an environment, arguments and a policy whose words want to be more: the report comes out, and they are words."""

import os
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from checkout import ROOT
from printed import words_of

WORDS = "</script><img src=x onerror=alert(1)> $(touch owned) `touch owned` #let a = 1 ](javascript:alert(1)) {{7*7}} ```"
ENVIRONMENT = f"""
import gymnasium
import numpy as np


class Evil(gymnasium.Env):
    {WORDS!r}
    observation_space = gymnasium.spaces.Box(-1.0, 1.0, (2,))
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, label="", **kwargs):
        self.label = label

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.left = 3
        return self.observation_space.low, {{}}

    def step(self, action):
        self.left -= 1
        return self.observation_space.high, float(action), self.left == 0, False, {{"label": self.label}}


gymnasium.register("Evil/Words-v0", entry_point="evil_words:Evil")
"""
POLICY = f"""
import torch


class Net(torch.nn.Module):
    def __init__(self, observed, acted, label=""):
        super().__init__()
        self.register_parameter({WORDS!r}, torch.nn.Parameter(0.1 * torch.randn(2, 2)))

    def forward(self, obs):
        (weights,) = self.parameters()
        return torch.distributions.Categorical(logits=obs @ weights)
"""
CONFIG = f"""
base: none
seeds: 4
resamples: 100
environments:
  mine:
    id: evil_words:Evil/Words-v0
    kwargs: {{label: {WORDS!r}, {WORDS!r}: 1}}
    gamma: 0.9
    policy: {{kind: torch, module: "evil_net:Net", kwargs: {{label: {WORDS!r}}}}}
recipes:
  mine: {{environment: mine, estimator: mean_baseline, learning_rate: 0.02, episodes: 4, updates: 2}}
gradient_study: {{environments: [mine], batch_sizes: [4], replicates: 8, reference_replicates: 8}}
"""


class Built(HTMLParser):
    """Images, and attributes that run or lead somewhere."""

    def __init__(self):
        super().__init__()
        self.images, self.acting = 0, []

    def handle_starttag(self, tag, attributes):
        self.images += tag == "img"
        for key, value in attributes:
            if key.startswith("on") or (value or "").strip().startswith("javascript:"):
                self.acting.append((tag, key, value))


@pytest.mark.faults
def test_a_report_of_hostile_words_has_words_in_it(tmp_path):
    for name, content in (("evil_words.py", ENVIRONMENT), ("evil_net.py", POLICY), ("mine.yaml", CONFIG)):
        (tmp_path / name).write_text(content)
    process = subprocess.run(
        [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--cores", "2", "--directory", "run",
         "--configfile", "mine.yaml"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": f"{ROOT}:{tmp_path}"},
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    for page in ("lecture.html", "slides.html", "costs.html"):
        parser = Built()
        parser.feed((tmp_path / "run/reports" / page).read_text("utf-8"))
        assert (parser.images, parser.acting) == (0, []), page
    assert "&lt;/script&gt;&lt;img src=x" in (tmp_path / "run/reports/lecture.html").read_text("utf-8")
    assert "#let a = 1" in " ".join(words_of((tmp_path / "run/reports/lecture.pdf").read_bytes(), tmp_path))
    assert not [path for path in tmp_path.rglob("*") if "owned" in path.name]
