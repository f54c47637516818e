"""The names that a config may use: of modules, of its own entries, of environments and their arguments."""

from inspect import Parameter, signature
from pathlib import Path

import gymnasium
from gymnasium.envs.registration import load_env_creator
from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

import pgpipe.envs  # noqa: F401  registers pgpipe's own environments with Gymnasium
from pgpipe.nearest import nearest_name
from pgpipe.registry import functions

ESTIMATORS = Path(__file__).parent.parent / "estimators"


def module_names(family: str) -> list[str]:
    """Names of the modules of one family of estimator parts: the file name is the registration."""
    return sorted(path.stem for path in (ESTIMATORS / family).glob("[!_]*.py"))


def needs(family: str, name: str) -> tuple[str, ...]:
    """What an estimator part asks for: the parameters of the function `name` in the file `name.py`."""
    found = functions(ESTIMATORS / family / f"{name}.py")
    if name not in found:
        where = {"file": f"estimators/{family}/{name}.py", "name": name, "found": ", ".join(found) or "none"}
        raise PydanticCustomError("part", "{file} has no function '{name}'; found: {found}", where)
    return found[name]


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
    """A name declared in the config itself, under the top-level key `family`."""

    def check(name: str, info: ValidationInfo) -> str:
        context = info.context or {}
        return known(name, family.rstrip("s"), list(context.get(family, [name])))

    return AfterValidator(check)


def gymnasium_id(id: str) -> str:
    """Return `id`; raise a validation error with Gymnasium's own words if it knows no such environment."""
    try:
        gymnasium.spec(id)
    except (gymnasium.error.Error, ImportError) as error:
        raise PydanticCustomError("unknown_name", "{error}", {"error": str(error)}) from None
    return id


def arguments(id: str) -> list[str]:
    """The names of an environment's arguments, or none where it takes any."""
    entry = gymnasium.spec(id).entry_point
    creator = load_env_creator(entry) if isinstance(entry, str) else entry
    parameters = signature(creator).parameters.values() if creator else []
    takes_any = any(p.kind is Parameter.VAR_KEYWORD for p in parameters)
    return [] if takes_any else [p.name for p in parameters]
