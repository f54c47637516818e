"""Lay config files over each other, and validate the whole, naming every mistake at once."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, reduce
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pgpipe.config.base import Entries
from pgpipe.config.borrowing import NAMED, borrowed, names
from pgpipe.config.plugins import as_written, load_plugins
from pgpipe.config.reading import ConfigError as ConfigError
from pgpipe.config.reading import Setting, one_line, plain_mapping, read_arguments, read_file
from pgpipe.nearest import nearest_name

KeyPath = tuple[str | int, ...]
Config = TypeVar("Config", bound=Entries)

# What errors call the config that another workflow gives.
GIVEN = "the config given to the module"


def read_config(
    model: type[Config],
    base: Path,
    overrides: Sequence[Path | Mapping[str, Any]] = (),
    arguments: Sequence[str] = (),
    findings: Path | None = None,
) -> Config:
    """Return the config of file `base` with overrides laid over it, then what the command line sets.

    An override is a file, or a mapping that another workflow gives. Where one says `base: none` the config
    starts from nothing; of the file `base` it has only the entries that it names. Its plugins become those of
    this process. What was found of environments and of somebody's code is remembered in the folder
    `findings`.  Raises `ConfigError` with all mistakes at once.
    """
    below, files = read_file(base), dict(map(_override, overrides))
    settings = read_arguments(arguments)
    layers = {str(base): below, **files} | ({"--config": _whole({}, (), settings)} if settings else {})
    merged = _whole(below, files.values(), settings)
    if mistakes := load_plugins(layers, merged):
        raise _refused(mistakes)
    if merged.get("base") == "none":
        layers[str(base)] = {family: below[family] for family in NAMED if family in below}
        merged = borrowed(model, _whole({}, files.values(), settings), layers[str(base)], findings)
    if plugins := as_written(layers):
        merged["plugins"] = plugins

    def folder_of(path: KeyPath) -> Path:
        """That of the file which says what a key path leads to; without a file, where one is."""
        return Path(name).absolute().parent if Path(name := _origin(path, layers)).is_file() else Path.cwd()

    try:
        context = {**names(merged), "findings": findings, "folder_of": folder_of}
        return model.model_validate(merged, context=context)
    except ValidationError as error:
        lines = [_explain(detail, layers, model) for detail in error.errors()]
    raise _refused(lines)


def _refused(mistakes: Sequence[str]) -> ConfigError:
    listed = "\n".join(f"  {one_line(line)}" for line in mistakes)
    return ConfigError(f"{len(mistakes)} mistake(s) in the config\n{listed}")


def _override(override: Path | Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An override by the name that errors have for it."""
    if isinstance(override, Path):
        return str(override), read_file(override)
    return GIVEN, plain_mapping(override, GIVEN)


def _whole(
    below: dict[str, Any], files: Iterable[dict[str, Any]], settings: Iterable[Setting]
) -> dict[str, Any]:
    """A mapping with those of files laid over it, one after the other, and then what is set key by key."""
    return reduce(_set, settings, reduce(_overlay, files, below))


def _set(config: dict[str, Any], setting: Setting) -> dict[str, Any]:
    """Set what a key path leads to; of a named entry, which a mapping would replace whole, just that."""
    (family, *rest), value = setting
    entries = config.get(family)
    if (
        family in NAMED
        and len(rest) > 1
        and isinstance(entries, dict)
        and isinstance(entries.get(rest[0]), dict)
    ):
        return config | {family: _overlay(entries, _nested(rest, value))}
    return _overlay(config, _nested([family, *rest], value))


def _nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    """A mapping in which nothing but the key path is."""
    return reduce(lambda inside, key: {key: inside}, reversed(path), value)


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
    path, allowed = _locate(detail["loc"], _schema(model))
    where = f"{_origin(path, files)}: {'.'.join(map(str, path)) or 'the whole config'}"
    if detail["type"] == "extra_forbidden":
        return f"{where}: unknown key{nearest_name(str(path[-1]), allowed)} Allowed: {', '.join(allowed)}"
    if detail["type"] == "missing":
        return f"{where}: missing; this key has no default"
    if detail["type"] == "string_type" and isinstance(detail["input"], bool):
        return f"{where}: found {str(detail['input']).lower()}; names like no, on and true need quotes"
    if detail["type"] != "unknown_name" and isinstance(detail["input"], str | int | float | list):
        return f"{where}: found {detail['input']!r}; {detail['msg']}"
    return f"{where}: {detail['msg']}"


@cache
def _schema(model: type[Entries]) -> dict[str, Any]:
    return model.model_json_schema()


def _locate(loc: KeyPath, schema: dict[str, Any]) -> tuple[KeyPath, list[str]]:
    """The key path of an error, without the tags of unions, and the keys allowed beside its last one."""
    node, path, allowed = schema, [], []
    for part in loc:
        if part == "[key]":  # the mistake is in a mapping's key, which is the path's last part already
            continue
        options = [option for option in node.get("anyOf", [node]) if option.get("type") != "null"]
        if len(options) > 1:  # the part is the kind of value that one of the options asks for
            kind = "object" if "dict[" in str(part) else "array" if "list[" in str(part) else "number"
            node = next((option for option in options if option.get("type") == kind), {})
            continue
        node = options[0]
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
