"""What a config file and the command line say, as plain mappings: YAML, JSON, and `key=value`."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from pgpipe.config.plain import MOST_BYTES, plain_value
from pgpipe.config.plain import ConfigError as ConfigError
from pgpipe.config.plain import one_line as one_line
from pgpipe.config.plain import plain_mapping as plain_mapping

# A key path and the value that it leads to.
Setting = tuple[tuple[str, ...], Any]

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class _Loader(yaml.SafeLoader):
    """YAML 1.1 with 1.2's floats (`1e-3` is a number), without its dates and silently repeated keys."""

    yaml_implicit_resolvers = {  # noqa: RUF012  as PyYAML has it
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Before merge keys are filled in, so that a key of one's own may stand beside one that is merged."""
        node = super().compose_mapping_node(anchor)
        assert node is not None
        node.value = [(_as_name(key), value) for key, value in node.value]
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if repeated := sorted({key for key in keys if keys.count(key) > 1}):
            raise ConfigError(f"mapping at line {node.start_mark.line + 1} repeats {', '.join(repeated)}")
        return node


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)


def _as_name(key: yaml.Node) -> yaml.Node:
    """A key that reads like a truth value, `no:`, is a name like any other."""
    if isinstance(key, yaml.ScalarNode) and key.tag in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"):
        return yaml.ScalarNode("tag:yaml.org,2002:str", key.value, key.start_mark, key.end_mark)
    return key


def read_file(path: Path) -> dict[str, Any]:
    """The mapping in a file, empty if the file is.  Raises `ConfigError`, in one line."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ConfigError(f"holds more than {MOST_BYTES:,} bytes")
        found = parsed(content.decode("utf-8-sig"), path.suffix == ".json")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line, byte = content[: error.start].count(b"\n") + 1, content[error.start]
        allowed = "allowed: text in UTF-8, as which most editors can save it"
        raise ConfigError(f"{path}: line {line}: found the byte 0x{byte:02x}; {allowed}") from None
    except ConfigError as error:
        raise ConfigError(one_line(f"{path}: {error}")) from None
    return plain_mapping({} if found is None else found, str(path))


def parsed(text: str, is_json: bool = False) -> Any:
    """What a text says; what begins like JSON may be JSON, whose tabs YAML does not take.

    Raises `ConfigError` with line and column.
    """
    try:
        if is_json or text.lstrip().startswith("{"):
            return json.loads(text, object_pairs_hook=_each_once) if text.strip() else None
    except json.JSONDecodeError as error:
        if is_json:
            raise ConfigError(
                f"line {error.lineno}, column {error.colno}: is not JSON: {error.msg}"
            ) from None
    except ValueError as error:  # a number with more digits than Python reads
        raise ConfigError(f"is not JSON: {error}") from None
    except RecursionError:
        raise ConfigError("is nested too deeply") from None
    try:
        return yaml.load(text, _Loader)  # noqa: S506  it is a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ConfigError(f"{where}is not YAML: {error.problem or error.context}") from None
    except RecursionError:
        raise ConfigError("is nested too deeply") from None
    except (AttributeError, LookupError, TypeError):  # PyYAML's own, for `!!timestamp a`, `!!bool a`
        raise ConfigError("is not YAML: found a value that is not what its tag says") from None
    except (yaml.YAMLError, ValueError) as error:  # PyYAML leaves a number such as 0x_ to Python
        raise ConfigError(f"is not YAML: {' '.join(str(error).split())}") from None


def read_arguments(arguments: Iterable[str]) -> list[Setting]:
    """What `--config` says: the key path and the value of each `key=value`, the value read as in a file.

    `a.b=1` and `a={b: 1}` differ as a file cannot: the first sets one key, wherever it is, the second is a
    mapping like any other. `a={b.c: 1}` is `a.b.c=1`.  Raises `ConfigError`.
    """
    return [setting for argument in arguments for setting in _settings(*_split(argument))]


def _split(argument: str) -> Setting:
    key, equals, text = argument.partition("=")
    path = tuple(key.split("."))
    if not equals or not all(NAME.fullmatch(part) for part in path):
        raise ConfigError(f"--config: found {argument!r}; allowed: key=value, or key.key=value")
    try:
        return path, plain_value(parsed(text), path)
    except ConfigError as error:
        raise ConfigError(one_line(f"--config: {key}: {error}")) from None


def _settings(path: tuple[str, ...], value: Any) -> list[Setting]:
    """A mapping whose keys are paths is so many settings."""
    if isinstance(value, dict) and any("." in key for key in value):
        return [
            setting for key, part in value.items() for setting in _settings((*path, *key.split(".")), part)
        ]
    return [(path, value)]


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if repeated := sorted({key for key in keys if keys.count(key) > 1}):
        raise ConfigError(f"a mapping repeats {', '.join(repeated)}")
    return dict(pairs)
