"""What was found of environments, remembered until their source changes."""

import hashlib
import json
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import gymnasium

from pgpipe.envs.apart import LostError, apart
from pgpipe.envs.contract import Finding, examine
from pgpipe.envs.single import ContractError, arguments, longest, make
from pgpipe.envs.spec import GymnasiumSpec

# Where Python and installed packages lie: what is in there changes with the version alone.
INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})


@dataclass(frozen=True)
class Made:
    """What one instance says of itself."""

    observations: Any
    actions: Any
    longest: int | None  # steps of an episode at most, None if it may go on for ever


@cache
def made(id: str, kwargs: str, max_episode_steps: int | None) -> Made:
    """The same of an environment with these arguments (JSON), made once and closed."""
    limit = {} if max_episode_steps is None else {"max_episode_steps": max_episode_steps}
    with closing(gymnasium.make(id, disable_env_checker=True, **limit, **json.loads(kwargs))) as env:
        own = id.startswith("pgpipe/")  # a horizon of its own, which is part of the problem
        most = env.unwrapped.vector.longest if own else longest(env)  # type: ignore[attr-defined]
        return Made(env.observation_space, env.action_space, most)


def finding(spec: GymnasiumSpec, folder: Path | None = None) -> Finding:
    """What `examine` finds, in a process of its own; from a file in the folder if nothing has changed."""
    asked = json.dumps(
        [spec["id"], spec["kwargs"], spec["max_episode_steps"], gymnasium.__version__], sort_keys=True
    )
    if folder is None:
        return _examined(asked)["finding"]
    file = folder / f"{hashlib.sha256(asked.encode()).hexdigest()[:16]}.json"
    remembered = _read(file)
    if remembered is None or remembered["code"] != checksums(remembered["code"]):
        remembered = _examined(asked)
        if remembered["lasts"]:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(remembered), encoding="utf-8")
    return remembered["finding"]


@cache
def _examined(asked: str) -> dict[str, Any]:
    """The finding, and the checksums of the files behind it by their paths."""
    id, kwargs, most, _ = json.loads(asked)
    spec: GymnasiumSpec = {"id": id, "kwargs": kwargs, "max_episode_steps": most}
    try:
        return apart(_examined_here, spec)
    except LostError as lost:
        problem = f"while it was made and stepped, {lost}"
        return {"finding": {"problem": problem, "notes": [], "single": False}, "code": {}, "lasts": False}


def _examined_here(spec: GymnasiumSpec) -> dict[str, Any]:
    found = examine(spec)
    code: dict[str, str] = {}
    lasts = found["problem"] is None
    try:
        if lasts:
            with closing(make(spec["id"], arguments(spec))) as env:
                code = checksums(sources(env))
    except ContractError:  # it cannot be made again: it is looked at each time
        lasts = False
    return {"finding": found, "code": code, "lasts": lasts}


def sources(env: Any) -> set[str]:
    """The files of an environment's classes, and of what their modules have imported, but for the installed.

    Of an installed package of its own they are those of that package.
    """
    waiting = [module for layer in _layers(env) for base in type(layer).__mro__ if (module := _module(base))]
    own = {module.__name__.partition(".")[0] for module in waiting}
    own -= {"gymnasium", "numpy", *sys.stdlib_module_names}
    found: set[str] = set()
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        file = getattr(module, "__file__", None)
        ours = module.__name__.partition(".")[0] in own
        if module.__name__ in seen or not file or not (ours or not file.startswith(INSTALLED)):
            continue
        seen.add(module.__name__)
        found.add(file)
        waiting += [of for value in vars(module).values() if (of := _module(value))]
    return found


def _layers(env: Any) -> Iterator[Any]:
    """An environment, and those that it is wrapped around."""
    while isinstance(env, gymnasium.Wrapper):
        yield env
        env = env.env
    yield env


def _module(value: Any) -> ModuleType | None:
    """The module that a value is, or was made in."""
    if isinstance(value, ModuleType):
        return value
    name = getattr(value, "__module__", None)
    return sys.modules.get(name) if isinstance(name, str) else None


def checksums(files: Iterable[str]) -> dict[str, str]:
    """The checksum of each file that is there."""
    return {
        file: hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16]
        for file in sorted(files)
        if Path(file).is_file()
    }


def _read(file: Path) -> dict[str, Any] | None:
    """What an earlier start has left; None if that is nothing, or nothing whole."""
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
