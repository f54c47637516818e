"""A first import of all that plugins have, in a process of its own, so that no job is the first to fail."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from pgpipe.jobs.imports import ROOT, digest, plugin_files
from pgpipe.plugins.loaded import LOADED, named_plugins
from pgpipe.plugins.loading import PLACES, failure, import_named, places
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
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.run(
        [sys.executable, "-m", __name__, json.dumps(list(LOADED)), *modules],
        env=os.environ | {PLACES: places(), "PYTHONPATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if process.returncode == 0:
        return ""
    last = (process.stderr.strip().splitlines() or [""])[-1]
    ended = f"importing {plugin.name} ended Python with status {process.returncode}: {last}"
    return json.loads(last) if process.returncode == 1 and last.startswith('"') else ended


def main(plugins: str, *modules: str) -> int:
    """Import the modules; of the first that fails write why, as the last line of the messages."""
    try:
        import_named(json.loads(plugins))
    except PluginError as error:
        print(json.dumps(str(error).partition(": ")[2]), file=sys.stderr)
        return 1
    for module in modules:
        try:
            import_module(module)
        except BaseException as error:  # somebody else's code can fail in any way
            print(json.dumps(failure(module, error)), file=sys.stderr)
            return 1
    for name, path in plugin_files(*modules).items():
        other = getattr(sys.modules.get(name), "__file__", None)
        if other and Path(other).resolve() != path.resolve():
            problem = f"{path} is imported as {name}, which is {other} already; allowed: another name"
            print(json.dumps(problem), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
