"""The plugins of this process. It is a process's own, as `sys.modules` and Gymnasium's registry are."""

from pgpipe.plugins.plugin import Plugin

# By their names, in the order of the config; of a job those that it uses.
LOADED: dict[str, Plugin] = {}

# The plugin that has registered an environment's id.
REGISTRARS: dict[str, str] = {}


def named_plugins() -> list[Plugin]:
    """Those that the config names as plugins: all in them counts."""
    return [plugin for plugin in LOADED.values() if plugin.kind != "mentioned"]


def plugin_of(module: str) -> Plugin | None:
    """The plugin that a module belongs to."""
    return LOADED.get(module.partition(".")[0])
