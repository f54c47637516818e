"""A first import of all that plugins have, in a process of its own, so that no job is the first to fail."""

import sys
from importlib import import_module
from pathlib import Path

from pgpipe.envs.apart import LostError, apart
from pgpipe.jobs.imports import digest, plugin_files
from pgpipe.plugins.loaded import LOADED, named_plugins
from pgpipe.plugins.loading import failure, import_plugin
from pgpipe.plugins.plugin import Plugin, PluginError

# What a plugin has by its folders' names.
FOLDERS = ("signals", "baselines", "importance", "figures", "claims")


def try_plugins(remembered: Path) -> None:
    """Import each module that a config can name, unless this code was imported before.

    A file for each plugin's code that was stands in the folder `remembered`.  Raises `PluginError`.
    """
    for plugin in named_plugins():
        modules = modules_of(plugin)
        mark = remembered / f"{plugin.name}-{digest(*modules)}"
        if not mark.is_file():
            if problem := _tried(plugin, modules):
                raise PluginError(f"{plugin.where}: {problem}")
            remembered.mkdir(parents=True, exist_ok=True)
            mark.touch()


def modules_of(plugin: Plugin) -> list[str]:
    """The plugin itself, and its parts of estimators, figures and claims."""
    files = [path for kind in FOLDERS for path in plugin.files(kind)]
    return [plugin.name, *(plugin.module_of(path) for path in dict.fromkeys([*files, *plugin.claims()]))]


def _tried(plugin: Plugin, modules: list[str]) -> str:
    """Why one of the modules cannot be imported; empty if all can."""
    try:
        return apart(_problem, modules).removeprefix(f"{plugin.where}: ")
    except LostError as lost:
        return f"while {plugin.name} was imported, {lost}"


def _problem(modules: list[str]) -> str:
    try:
        for plugin in LOADED.values():
            import_plugin(plugin)
    except PluginError as error:
        return str(error)
    for module in modules:
        try:
            import_module(module)
        except BaseException as error:  # somebody else's code can fail in any way
            return failure(module, error)
    for name, path in plugin_files(*modules).items():
        other = getattr(sys.modules.get(name), "__file__", None)
        if other and Path(other).resolve() != path.resolve():
            return f"{path} is imported as {name}, which is {other} already; allowed: another name"
    return ""
