"""Whether a plugin may register environments with Gymnasium, as far as its source tells."""

from pgpipe.plugins.plugin import Plugin
from pgpipe.plugins.sources import file_of, taken_by


def registers(plugin: Plugin) -> bool:
    """Whether something that runs when it is imported, in it or beside it, imports Gymnasium.

    Of a package that may be anything in it. Raises `PluginError` for a file that is not Python.
    """
    seen, waiting = set(), [plugin.source]
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        for module in taken_by(path, plugin):
            if module.partition(".")[0] == "gymnasium":
                return True
            waiting += [file for file in [file_of(module, plugin)] if file]
    return False
