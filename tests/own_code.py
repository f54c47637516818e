"""Plugins for tests: written into a folder, and forgotten afterwards."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import gymnasium

from pgpipe.plugins.loaded import LOADED, REGISTRARS

ENVIRONMENT = """
    import gymnasium
    import numpy as np

    class Countdown(gymnasium.Env):
        observation_space = gymnasium.spaces.Box(0.0, 1.0, (1,))
        action_space = gymnasium.spaces.Discrete(2)

        def __init__(self, length=3):
            self.length = length

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.left = self.length
            return self.shown(), {}

        def step(self, action):
            self.left -= 1
            return self.shown(), float(action), self.left == 0, False, {}

        def shown(self):
            return np.array([self.left / self.length], np.float32)
"""

BASELINE = """
    def {name}(credit, mask):
        return 0.5 * credit.mean()
"""

# A package with an environment, a baseline and what it takes from beside it; names begin with `own_`, which
# nothing installed has.
LAB = {
    "own_lab/__init__.py": """
        import gymnasium
        from own_lab import envs
        gymnasium.register(id="OwnLab/Countdown-v0", entry_point="own_lab.envs:Countdown", max_episode_steps=5)
        """,
    "own_lab/envs.py": ENVIRONMENT,
    "own_lab/tools.py": "SHARE = 0.5",
    "own_lab/baselines/own_half.py": """
        from ..tools import SHARE

        def own_half(credit, mask):
            return SHARE * credit.mean()
        """,
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write the files of plugins into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return folder


@contextmanager
def forgotten() -> Iterator[None]:
    """Leave this process's modules, but for the installed, plugins and environments as they were."""
    registries: list[dict[str, Any]] = [sys.modules, gymnasium.registry, LOADED, REGISTRARS]
    kept = [(each, dict(each)) for each in registries]
    path = list(sys.path)
    yield
    sys.path[:] = path
    for each, before in kept:
        for name in each.keys() - before.keys():
            if each is not sys.modules or _is_own(each[name]):
                del each[name]


def _is_own(module: Any) -> bool:
    """Whether a module's file is neither Python's nor an installed package's nor this project's."""
    others = (sys.base_prefix, sys.prefix, str(Path(__file__).parents[1]))
    file = getattr(module, "__file__", None)
    return file is not None and not file.startswith(others)
