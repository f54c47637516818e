"""The plugins of this process: imported once, as Python and Gymnasium keep what has been imported."""

import importlib
import json
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from traceback import extract_tb

from pgpipe.plugins.finding import module_place
from pgpipe.plugins.loaded import LOADED, REGISTRARS
from pgpipe.plugins.plugin import Plugin, PluginError

# Where a job's process is told in which files and folders the plugins are that its parameter names. It is no
# parameter itself: code is the same in another folder.
PLACES = "PGPIPE_PLUGINS"

# Who imports somebody's code: nobody looks for a mistake in there.
IMPORTERS = ("<", str(Path(importlib.__file__).parent), str(Path(__file__).parents[1]))


def use(plugins: Iterable[Plugin]) -> None:
    """Make these the plugins of this process; nothing is imported yet.  Raises `PluginError`."""
    found: dict[str, Plugin] = {}
    for plugin in plugins:
        if (other := found.setdefault(plugin.name, plugin)).path != plugin.path:
            message = (
                f"found {plugin.path}, but '{plugin.name}' is {other.path} already; allowed: another name"
            )
            raise PluginError(f"{plugin.where}: {message}")
    LOADED.clear()
    LOADED.update(found)
    for plugin in found.values():
        root = str(plugin.root)
        # a module that is only mentioned may lie beside a plugin that a job does not use
        lost = plugin.kind == "mentioned" and module_place(plugin.name) is None
        if (plugin.kind == "path" or lost) and root not in sys.path:
            sys.path.append(root)  # at the end, so that nothing beside a plugin hides what is installed


def import_plugin(plugin: Plugin) -> None:
    """Import a plugin, which may register environments.  Raises `PluginError` for whatever goes wrong."""
    import gymnasium  # which a job that draws needs no more than torch

    from pgpipe.plugins.registered import described

    before = dict(gymnasium.registry)
    try:
        if module_place(plugin.name) == plugin.path:
            import_module(plugin.name)
        else:
            _import_from(plugin)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # somebody else's code can fail in any way, by sys.exit(), too
        raise PluginError(f"{plugin.where}: {failure(plugin.name, error)}") from None
    for id, spec in gymnasium.registry.items():
        if id not in before:
            REGISTRARS[id] = plugin.name
        elif spec is not before[id] and described(spec) != described(before[id]):
            gymnasium.registry.update(before)
            raise PluginError(
                f"{plugin.where}: registers '{id}', which is there already; allowed: another id"
            )


def failure(module: str, error: BaseException) -> str:
    """Why a module cannot be imported, in one line: the error, and where in which file it was raised."""
    said = " ".join(str(error).split())
    frames = [f for f in extract_tb(error.__traceback__) if not f.filename.startswith(IMPORTERS)]
    at = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    if isinstance(error, SyntaxError):
        at = ""  # its text has file and line
    return f"{module} cannot be imported: {type(error).__name__}{f': {said}' if said else ''}{at}"


def places() -> str:
    """What a job's process has to know of this one's plugins."""
    return json.dumps({name: [str(plugin.path), plugin.kind] for name, plugin in LOADED.items()})


def import_named(names: Iterable[str]) -> None:
    """In a job's process: use the plugins of these names, and import them.  Raises `PluginError`."""
    known = json.loads(os.environ.get(PLACES, "{}"))
    names = list(names)
    for name in names:
        if name not in known:
            raise PluginError(f"plugins: nobody says where '{name}' is; {PLACES}: {known}")
    use(Plugin(name, Path(known[name][0]), known[name][1]) for name in names)
    for plugin in LOADED.values():
        import_plugin(plugin)


def _import_from(plugin: Plugin) -> None:
    """Import a plugin from its file, whatever else has its name."""
    folders = [str(plugin.path)] if plugin.source != plugin.path else None
    spec = spec_from_file_location(plugin.name, plugin.source, submodule_search_locations=folders)
    if spec is None or spec.loader is None:
        raise ImportError(f"{plugin.source} is no file of Python")
    for name in [n for n in sys.modules if n == plugin.name or n.startswith(f"{plugin.name}.")]:
        del sys.modules[name]
    module = sys.modules[plugin.name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[plugin.name]
        raise
