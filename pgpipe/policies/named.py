"""Somebody's class or function by its name, and what is wrong with it, in a line."""

import traceback
from collections.abc import Callable
from importlib import import_module
from inspect import isfunction
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from torch import nn

from pgpipe.nearest import nearest_name


class PolicyError(ValueError):
    """What somebody's policy lacks; its text is one line."""


def called(what: str, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call somebody else's code; `PolicyError` says what failed, with any exception's own words."""
    try:
        return function(*args, **kwargs)
    except PolicyError:
        raise
    except Exception as error:
        raise PolicyError(f"{what}: {_told(error)}") from error


def _told(error: Exception) -> str:
    """An exception in one line: its kind, its words, its place."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    words = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {words} ({Path(place.filename).name}, line {place.lineno})"


def named(path: str) -> Any:
    """The class or function `name` of `module:name`.  Raises `PolicyError` if there is none."""
    module, _, name = path.partition(":")
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise PolicyError(f"{module} cannot be imported: {error}") from error
        raise PolicyError(
            f"there is no module '{error.name}'{nearest_name(error.name, _modules(module))}"
        ) from None
    except Exception as error:
        raise PolicyError(f"{module} cannot be imported: {_told(error)}") from error
    if not hasattr(found, name):
        public = [known for known in vars(found) if not known.startswith("_")]
        raise PolicyError(f"{module} has no '{name}'{nearest_name(name, public)}")
    value = getattr(found, name)
    if not isfunction(value) and not (isinstance(value, type) and issubclass(value, nn.Module)):
        kind = f"the class {name}" if isinstance(value, type) else f"a value of type {type(value).__name__}"
        raise PolicyError(f"it is {kind}; allowed: a subclass of torch.nn.Module, or a function")
    return value


def _modules(module: str) -> list[str]:
    """The names of the modules that there are beside one."""
    package, _, _ = module.rpartition(".")
    try:
        folder = import_module(package).__path__ if package else None
    except (ImportError, AttributeError):
        return []
    return [f"{package}.{found.name}".lstrip(".") for found in iter_modules(folder)]
