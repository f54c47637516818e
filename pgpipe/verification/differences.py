"""What is another in what made a file: of its spec, its code, the machine and the versions."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

LOCK = "requirements.lock"

# What is said in place of a value that is not there.
NOTHING = "nothing"


def key_differences(then: Any, now: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Each key path at which two mappings of plain values differ, with `old → new` in JSON."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*then, *now]):
            here = (*path, str(key))
            if key not in then or key not in now:
                old, new = (_said(each[key]) if key in each else NOTHING for each in (then, now))
                yield ".".join(here), f"{old} → {new}"
            else:
                yield from key_differences(then[key], now[key], here)
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for index, (old, new) in enumerate(zip(then, now, strict=True)):
            yield from key_differences(old, new, (*path, str(index)))
    elif then != now:
        yield ".".join(path), f"{_said(then)} → {_said(now)}"


def _said(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def code_differences(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each source file that is another, and whether it was edited, is new, or no longer counts."""
    for path in sorted({*then, *now}):
        if path not in then:
            yield path, "did not count before"
        elif path not in now:
            yield path, "no longer counts"
        elif then[path] != now[path]:
            yield path, "edited"


def config_causes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What the config says otherwise, key by key."""
    return [f"config {key}: {values}" for key, values in key_differences(then, now)]


def spec_causes(then: Any, now: Any, config: Mapping[str, str]) -> Iterator[str]:
    """What a job's spec says otherwise, by the config's key where `config`, its differences, tells it.

    A key of the config is behind one of the spec if both end in the same word and changed the same way.
    """
    for key, values in key_differences(then, now):
        last = key.rpartition(".")[2]
        keys = [k for k, v in config.items() if v == values and last in k.split(".")]
        keys = keys or [k for k, v in config.items() if v == values]
        yield from [f"config {k}: {values}" for k in keys] or [f"spec {key}: {values}"]


def code_causes(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Which source files are others; the lock file is not one of them, which versions tell of."""
    return [f"code {path}: {what}" for path, what in code_differences(then, now) if path != LOCK]


def environment_causes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is another of versions and machine; a manifest of older days says less, which is no difference."""
    parts = sorted((then.keys() & now.keys()) - {"config", "versions"})
    machine = [f"machine {part}: {then[part]} → {now[part]}" for part in parts if then[part] != now[part]]
    versions = key_differences(then["versions"], now["versions"])
    return [f"version {package}: {values}".replace('"', "") for package, values in versions] + machine
