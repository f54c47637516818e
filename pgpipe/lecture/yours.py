"""What plugins bring to the report: figures, checks and claims of one's own, in its last section."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pgpipe.lecture.declared import (
    OWN_ID,
    YOURS,
    FigureFile,
    SectionFile,
    figure_file,
    functions,
    identities,
    is_evidence,
)
from pgpipe.plugins.loaded import named_plugins
from pgpipe.plugins.plugin import Plugin, PluginError
from pgpipe.plugins.sources import parsed


def own_figures() -> tuple[FigureFile, ...]:
    """The figures in the folders `figures` of plugins, by their ids.

    Raises `PluginError` for a file that is none, or a name that files of the report cannot have.
    """
    pairs = ((plugin, path) for plugin in named_plugins() for path in plugin.files("figures"))
    return tuple(sorted((_figure(*pair) for pair in pairs), key=lambda figure: int(figure.id[1:])))


def own_sections() -> tuple[SectionFile, ...]:
    """One section with all checks and claims of plugins, if they have any.

    Raises `PluginError` for an id that is there twice, or is the lecture's.
    """
    found = {plugin.module_of(path): asked for plugin, path, asked in _evidence()}
    tables = dict.fromkeys(table for asked in found.values() for names in asked.values() for table in names)
    ids = [name.upper() for asked in found.values() for name in asked]
    ids += [id for figure in own_figures() for id in figure.ids]
    for id in (id for id, count in Counter(ids).items() if count > 1):
        raise PluginError(f"plugins: id {id} is there twice, in figures or claims; allowed: another number")
    return (SectionFile(YOURS, tuple(found), tuple(tables)),) if found else ()


def own_text() -> str:
    """The section's text, which places all of it; empty if there is nothing."""
    figures = [f'<< figure("{id}") >>' for id in dict.fromkeys(figure.id for figure in own_figures())]
    evidence = [f'<< evidence("{name.upper()}") >>' for _, _, asked in _evidence() for name in asked]
    return "\n\n".join(["# Yours {#yours}", *figures, *evidence, ""]) if figures or evidence else ""


def own_claims() -> list[str]:
    """The modules with its checks and claims, which its text names."""
    return [module for section in own_sections() for module in section.modules]


def _figure(plugin: Plugin, path: Path) -> FigureFile:
    parsed(path, plugin.where)
    if not path.stem.replace("_", "").isalnum() or not path.stem.islower():
        raise PluginError(f"{plugin.where}: {path}: allowed: a name of lower-case letters, digits and _")
    try:
        return figure_file(path, plugin.module_of(path), OWN_ID)
    except ValueError as error:
        raise PluginError(f"{plugin.where}: {error}") from None


def _evidence() -> Iterator[tuple[Plugin, Path, dict[str, tuple[str, ...]]]]:
    """The files with checks or claims of plugins: each function's name, and the tables that it asks for."""
    for plugin in named_plugins():
        for path in plugin.claims():
            parsed(path, plugin.where)
            asked = {name: tables for name, tables in functions(path).items() if is_evidence(name)}
            if lecture := [name for name in (*asked, *identities(path)) if not OWN_ID.match(name.upper())]:
                problem = f"found {lecture[0]}, which is the lecture's; allowed: functions y1, y2, …"
                raise PluginError(f"{plugin.where}: {path}: {problem}")
            if asked:
                yield plugin, path, asked
