"""A config that starts from nothing, and the entries of another one that it uses by name."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pgpipe.config.base import Entries

# Entries under these keys are replaced whole by an override file, and removed by null; other mappings merge.
NAMED = ("environments", "estimators", "recipes")


def names(config: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names of the entries of each family."""
    return {family: list(value) for family in NAMED if isinstance(value := config.get(family) or {}, dict)}


def borrowed(
    model: type[Entries], config: Mapping[str, Any], other: Mapping[str, Any], findings: Path | None = None
) -> dict[str, Any]:
    """The config with those entries of the other one that it names and does not have itself.

    A block that takes all entries of a family has all of the other's, unless the config has some of its own.
    What is found of environments on the way is remembered in the folder `findings`.
    """
    families = {family for block, family in model.takes_all.items() if config.get(block)}
    whole = {family: other.get(family, {}) for family in families} | dict(config)
    while missing := _missing(model, whole, other, findings):
        whole |= {family: _together(entries, whole, other, family) for family, entries in missing.items()}
    return whole


def _together(
    new: dict[str, Any], config: Mapping[str, Any], other: Mapping[str, Any], family: str
) -> dict[str, Any]:
    """New entries of a family and those that the config has, in the other's order, and then its own."""
    entries = new | (config.get(family) or {})
    order = [name for name in other[family] if name in entries]
    return {name: entries[name] for name in (*order, *entries)}


def _missing(
    model: type[Entries], config: Mapping[str, Any], other: Mapping[str, Any], findings: Path | None
) -> dict[str, dict[str, Any]]:
    """The entries of the other config that this one names, but does not have."""
    used: dict[str, set[str]] = {family: set() for family in NAMED}
    own, others = names(config), names(other)
    known: dict[str, Any] = {family: [*others.get(family, []), *entries] for family, entries in own.items()}
    # what is wrong is told when the whole is validated; until then an entry may not be there
    with suppress(ValidationError, LookupError):
        model.model_validate(config, context=known | {"used": used, "findings": findings})
    found = {
        family: {name: other[family][name] for name in others.get(family, []) if name in used[family]}
        for family in own
    }
    return {
        family: new
        for family, entries in found.items()
        if (new := {name: entry for name, entry in entries.items() if name not in own[family]})
    }
