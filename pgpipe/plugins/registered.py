"""What Gymnasium knows of an environment's id: the modules behind it, and the registration itself."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from importlib import import_module
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec


def registered(id: str) -> EnvSpec:
    """The registration of an id; of `module:Id`, as `gymnasium.make` takes it, once the module is imported.

    Raises Gymnasium's error, which has the nearest id, and whatever the module raises.
    """
    module, _, name = id.rpartition(":")
    if module:
        import_module(module)
    return gymnasium.spec(name)


def described(spec: EnvSpec) -> str:
    """A registration as text: what `gymnasium.make` goes by, the same in every process."""
    return json.dumps(_plain(spec), sort_keys=True)


def modules_behind(spec: EnvSpec) -> list[str]:
    """The modules of the environment and of the wrappers around it."""
    entries = [spec.entry_point, *(wrapper.entry_point for wrapper in spec.additional_wrappers)]
    return [module for entry in entries if (module := _entry(entry).partition(":")[0])]


def _entry(entry: str | Callable[..., Any] | None) -> str:
    """`module:name` of what makes an environment."""
    if entry is None or isinstance(entry, str):
        return entry or ""
    made = entry.func if isinstance(entry, partial) else entry
    return f"{made.__module__}:{getattr(made, '__qualname__', type(made).__name__)}"


def _plain(value: Any) -> Any:
    """Plain values; of anything else the name, as its address differs from process to process."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, partial):
        return [_entry(value), _plain(value.args), _plain(value.keywords)]
    return _entry(value) if callable(value) else type(value).__qualname__
