"""The plugins that a config names, loaded before it is validated, as they decide which names there are."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pgpipe.estimators.parts import FAMILIES, part_places
from pgpipe.plugins.finding import find_plugin, mentioned
from pgpipe.plugins.loading import import_plugin, use
from pgpipe.plugins.plugin import Plugin, PluginError
from pgpipe.plugins.registering import registers

# What a part may be called, as the certificate of one is named after it.
NAME = r"[a-z][a-z0-9_]*"


def load_plugins(files: Mapping[str, Mapping[str, Any]], merged: Mapping[str, Any]) -> list[str]:
    """Make the plugins that any file names those of this process, and return the mistakes about them.

    A path is one from the folder of the file that names it, on the command line from the working directory.
    Modules that environments or policies name are plugins whose parts do not count. Imported is what may
    register environments; the rest is read, so that the Snakefile's process needs no torch.
    """
    found, mistakes = _found(files)
    own = {plugin.path for plugin in found}
    try:
        use(found)  # at first without the rest, which may lie beside them
        implied = [mentioned(module, where) for where, module in _mentioned(merged)]
        found += [plugin for plugin in implied if plugin and plugin.path not in own]
        use(found)
        for plugin in found:
            if plugin.kind != "mentioned" and registers(plugin):
                import_plugin(plugin)
        mistakes += _misnamed()
    except PluginError as error:
        mistakes.append(str(error))
    return mistakes


def as_written(files: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What the files call their plugins, each once, in their order: an override file adds its own."""
    return list(dict.fromkeys(text for mapping in files.values() for text in _texts(mapping)))


def _texts(mapping: Mapping[str, Any]) -> list[str]:
    """What a file calls its plugins, as far as it is what it should be: the rest is the model's to refuse."""
    given = mapping.get("plugins")
    return [text for text in given if isinstance(text, str)] if isinstance(given, list) else []


def _found(files: Mapping[str, Mapping[str, Any]]) -> tuple[list[Plugin], list[str]]:
    """The plugins of all files, and what is wrong with others."""
    found: list[Plugin] = []
    mistakes: list[str] = []
    for file, mapping in files.items():
        folder = Path(file).absolute().parent  # of `--config`, too, that is the working directory
        for text in _texts(mapping):
            try:
                plugin = find_plugin(text, folder, f"{file}: plugins")
            except PluginError as error:
                mistakes.append(str(error))
            else:
                found += [] if plugin in found else [plugin]
    return found, mistakes


def _mentioned(merged: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(key path, module) of the modules that environments' ids and policies name."""
    environments = merged.get("environments")
    for name, entry in environments.items() if isinstance(environments, dict) else ():
        policy = entry.get("policy") if isinstance(entry, dict) else None
        named = {
            "id": entry.get("id") if isinstance(entry, dict) else None,
            "policy.module": policy.get("module") if isinstance(policy, dict) else None,
        }
        for key, text in named.items():
            if isinstance(text, str) and ":" in text:
                yield f"environments.{name}.{key}", text.partition(":")[0]


def _misnamed() -> Iterator[str]:
    """Parts of estimators that are there twice, or whose name no file of the results can have."""
    for family in FAMILIES:
        places = list(part_places(family))
        for place in places:
            if not re.fullmatch(NAME, place.name):
                found = f"plugins: found '{place.name}' in {place.where}"
                yield f"{found}; allowed: lower-case letters, digits and _"
        counts = Counter(place.name for place in places)
        for name in (name for name, count in counts.items() if count > 1):
            where = " and ".join(place.where for place in places if place.name == name)
            yield f"plugins: '{name}' is there twice, in {where}; allowed: another name"
