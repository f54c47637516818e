"""The names that a config may use: of modules, of its own entries, of environments and their arguments."""

from collections.abc import Mapping
from inspect import Parameter, signature
from typing import Any

import gymnasium
from gymnasium.envs.registration import load_env_creator
from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

import pgpipe.envs  # noqa: F401  registers pgpipe's own environments with Gymnasium
from pgpipe.estimators.composed import Composed
from pgpipe.nearest import nearest_name
from pgpipe.plugins.finding import module_place
from pgpipe.plugins.loaded import LOADED
from pgpipe.plugins.loading import failure
from pgpipe.plugins.registered import registered


def composed(line: Mapping[str, Any]) -> Composed:
    """What follows from the parts of an estimator; a validation error if a file is no part."""
    try:
        return Composed.from_line(line)
    except (ValueError, SyntaxError) as error:
        raise PydanticCustomError("part", "{error}", {"error": str(error)}) from None


def known(name: str, family: str, names: list[str]) -> str:
    """Return `name`; raise the validation error that lists `names` and the nearest one if it is not there."""
    if name not in names:
        raise PydanticCustomError(
            "unknown_name",
            "unknown {family} '{name}'{nearest} Known: {known}",
            {
                "family": family,
                "name": name,
                "nearest": nearest_name(name, names),
                "known": ", ".join(names) or "none",
            },
        )
    return name


def declared(family: str) -> AfterValidator:
    """A name declared in the config itself, under the top-level key `family`.

    Whoever has to know which names are used finds them in the context's `used`.
    """

    def check(name: str, info: ValidationInfo) -> str:
        context = info.context or {}
        context.get("used", {}).get(family, set()).add(name)
        return known(name, family.rstrip("s"), list(context.get(family, [name])))

    return AfterValidator(check)


def gymnasium_id(id: str) -> str:
    """Return `id`, which may be `module:Id`; raise a validation error if `gymnasium.make` cannot find it.

    Gymnasium's own words have the nearest id.
    """
    module = id.rpartition(":")[0]
    try:
        registered(id)
    except gymnasium.error.Error as error:
        raise PydanticCustomError("unknown_name", "{error}", {"error": str(error)}) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # somebody else's code can fail in any way
        near = "" if module_place(module.partition(".")[0]) else nearest_name(module, LOADED).rstrip(".")
        text = {"error": failure(module, error), "near": near}
        raise PydanticCustomError("unknown_name", "{error}{near}", text) from None
    return id


def module_and_name(path: str) -> str:
    """Return `module:name`; raise a validation error for anything else."""
    module, _, name = path.partition(":")
    if not (name.isidentifier() and all(part.isidentifier() for part in module.split("."))):
        raise PydanticCustomError("module", "allowed: module:name, as in my_lab.nets:MyNet", {})
    return path


def arguments(id: str) -> list[str]:
    """The names of an environment's arguments, or none where it takes any."""
    entry = registered(id).entry_point
    creator = load_env_creator(entry) if isinstance(entry, str) else entry
    parameters = signature(creator).parameters.values() if creator else []
    takes_any = any(p.kind is Parameter.VAR_KEYWORD for p in parameters)
    return [] if takes_any else [p.name for p in parameters]
