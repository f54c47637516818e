"""Which keys of the config a job's spec is made from: watched while it is made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def keys_read(config: Any, make: Callable[[], object]) -> set[str]:
    """The key paths of `config`, a model of models, that a function reads while it runs.

    Of an environment, an estimator or a recipe, and wherever a part is taken as a whole, that part.
    """
    paths = dict(_paths(config, ""))
    read: set[str] = set()
    with _watched(_common_base(type(config)), paths, read):
        make()
    return read


def _common_base(model: type) -> type:
    """The class of this project that all models of the config are made from."""
    return next(base for base in reversed(model.__mro__) if base.__module__.startswith("pgpipe."))


def _paths(part: Any, path: str) -> Iterator[tuple[int, str]]:
    """Each model inside, by its identity, with the key path at which it stands."""
    if hasattr(type(part), "model_fields"):
        yield id(part), path
        inside = {name: vars(part).get(name) for name in type(part).model_fields}
    else:
        inside = part if isinstance(part, dict) else {}
    for name, value in inside.items():
        yield from _paths(value, f"{path}.{name}".lstrip("."))


@contextmanager
def _watched(base: type, paths: dict[int, str], read: set[str]) -> Iterator[None]:
    """Note each field that is read of a model."""
    plain: Any = base.__getattribute__

    def watching(self: Any, name: str) -> Any:
        value = plain(self, name)
        fields = type(self).model_fields
        path = paths.get(id(self))
        if path is not None and name in fields and not _holds_models(value):
            read.add(_short(f"{path}.{name}".lstrip(".")))
        elif path and name.startswith("model_dump"):
            read.add(_short(path))
        return value

    base.__getattribute__ = watching  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        del base.__getattribute__


def _holds_models(value: Any) -> bool:
    """Whether the keys inside say more."""
    parts = value.values() if isinstance(value, dict) and value else [value]
    return any(hasattr(type(part), "model_fields") for part in parts)


def _short(path: str) -> str:
    """An entry of a family counts as a whole."""
    family, *rest = path.split(".")
    return ".".join([family, *rest[:1]]) if family in ("environments", "estimators", "recipes") else path
