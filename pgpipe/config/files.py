"""Read config files, lay override files over them, and validate the whole, naming every mistake at once."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pgpipe.config.base import Entries
from pgpipe.config.plugins import COMMAND_LINE, as_written, load_plugins
from pgpipe.nearest import nearest_name

KeyPath = tuple[str | int, ...]
Config = TypeVar("Config", bound=Entries)

# Entries under these keys are replaced whole by an override file, and removed by null; other mappings merge.
NAMED = ("environments", "estimators", "recipes")


class ConfigError(Exception):
    """A config that cannot be used; its text names file, key path, what was found and what is allowed."""


class _Loader(yaml.SafeLoader):
    """YAML 1.1 with 1.2's floats (`1e-3` is a number) and without silently repeated keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if repeated := {str(key) for key in keys if keys.count(key) > 1}:
            line = node.start_mark.line + 1
            raise ConfigError(
                f"{node.start_mark.name}: mapping at line {line} repeats {', '.join(sorted(repeated))}"
            )
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)


def read_config(
    model: type[Config],
    base: Path,
    overrides: Sequence[Path] = (),
    command_line: Mapping[str, Any] | None = None,
) -> Config:
    """Return the config of file `base` with the override files, then the command line's keys, laid over it.

    Its plugins become those of this process.  Raises `ConfigError` with all mistakes of all files at once.
    """
    files = {str(path): _read(path) for path in (base, *overrides)}
    if command_line:
        files[COMMAND_LINE] = dict(command_line)
    merged: dict[str, Any] = {}
    for mapping in files.values():
        merged = _overlay(merged, mapping)
    if mistakes := load_plugins(files, merged):
        raise ConfigError(_listed(mistakes))
    if plugins := as_written(files):
        merged["plugins"] = plugins
    names = {family: list(value) for family in NAMED if isinstance(value := merged.get(family) or {}, dict)}
    try:
        return model.model_validate(merged, context=names)
    except ValidationError as error:
        lines = [_explain(detail, files, model) for detail in error.errors()]
    raise ConfigError(_listed(lines))


def _listed(mistakes: Sequence[str]) -> str:
    return f"{len(mistakes)} mistake(s) in the config\n" + "\n".join(f"  {line}" for line in mistakes)


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open(encoding="utf-8") as file:
            found = yaml.load(file, _Loader) or {}
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: is not YAML: {error}") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: found {type(found).__name__}; allowed: a mapping of config keys")
    return found


def _overlay(below: dict[str, Any], above: dict[str, Any], family: str | None = None) -> dict[str, Any]:
    """Merge two mappings; inside a named family the entries of `above` replace those of `below` whole."""
    merged = dict(below)
    for key, value in above.items():
        if value is None and family is not None:
            merged.pop(key, None)
        elif family is None and isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _overlay(merged[key], value, key if key in NAMED else None)
        else:
            merged[key] = value
    return merged


def _explain(detail: ErrorDetails, files: dict[str, dict[str, Any]], model: type[Entries]) -> str:
    """One mistake in one line: file, key path, found, allowed, nearest."""
    path, allowed = _locate(detail["loc"], model.model_json_schema())
    where = f"{_origin(path, files)}: {'.'.join(map(str, path)) or 'the whole config'}"
    if detail["type"] == "extra_forbidden":
        return f"{where}: unknown key{nearest_name(str(path[-1]), allowed)} Allowed: {', '.join(allowed)}"
    if detail["type"] == "missing":
        return f"{where}: missing; this key has no default"
    if detail["type"] != "unknown_name" and isinstance(detail["input"], str | int | float | list):
        return f"{where}: found {detail['input']!r}; {detail['msg']}"
    return f"{where}: {detail['msg']}"


def _locate(loc: KeyPath, schema: dict[str, Any]) -> tuple[KeyPath, list[str]]:
    """The key path of an error, without the tags of unions, and the keys allowed beside its last one."""
    node, path, allowed = schema, [], []
    for part in loc:
        if part == "[key]":  # the mistake is in a mapping's key, which is the path's last part already
            continue
        node = next((n for n in node.get("anyOf", [node]) if n.get("type") != "null"), node)
        node = schema["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
        if variant := node.get("discriminator", {}).get("mapping", {}).get(part):
            node = {"$ref": variant}
            continue
        path.append(part)
        allowed = list(node.get("properties", {}))
        values = [
            node.get("additionalProperties"),
            node.get("items"),
            *node.get("patternProperties", {}).values(),
        ]
        node = node.get("properties", {}).get(part) or next((v for v in values if isinstance(v, dict)), {})
    return tuple(path), allowed


def _origin(path: KeyPath, files: dict[str, dict[str, Any]]) -> str:
    """The last file that says anything about the longest possible part of the key path."""
    if path[:1] and path[0] in NAMED:
        path = path[:2]  # the last file that has the entry replaces it whole

    def depth(mapping: Any) -> int:
        for count, part in enumerate(path):
            if not isinstance(mapping, dict) or part not in mapping:
                return count
            mapping = mapping[part]
        return len(path)

    return max(reversed(files), key=lambda name: depth(files[name]))
