"""Each section of the lecture is a room: what it holds, and whom its figures and claims may ask."""

import ast

import pytest

from pgpipe.jobs.imports import ROOT, code_of
from pgpipe.lecture import registry

LECTURE = ROOT / "pgpipe/lecture"
ROOMS = [LECTURE / name for name in registry.SECTIONS]

# What figures and claims may import of the project, beside each other: no study, and no part of the library
# that computes with tensors.
FOR_READERS = (
    "pgpipe/intervals.py",
    "pgpipe/statistics.py",
    "pgpipe/lecture/common/",
    "pgpipe/lecture/registry.py",
)


def readers():
    """The figures and claims of all sections, helpers among them."""
    for room in ROOMS:
        yield from sorted([*room.glob("figures/*.py"), *room.glob("claims/*.py"), *room.glob("claims.py")])


def allowed(path, by):
    """Whether a reader may depend on a file."""
    room = by.parent if by.parent in ROOMS else by.parent.parent
    own = [f"{place.relative_to(ROOT)}/" for place in (room / "figures", room / "claims")]
    own.append(str((room / "criteria.py").relative_to(ROOT)))
    return (
        path.startswith((*FOR_READERS, *own))
        or path == str(by.relative_to(ROOT))
        or path.endswith("__init__.py")
    )


@pytest.mark.parametrize("reader", list(readers()), ids=lambda path: str(path.relative_to(LECTURE)))
def test_figures_and_claims_import_no_study(reader):
    assert [path for path in code_of(str(reader.relative_to(ROOT))) if not allowed(path, reader)] == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_section_has_the_same_name_everywhere(room):
    """Folder, rules and tests; and it has a block, specs, claims and a text."""
    names = {path.name.removesuffix(".py") for path in room.iterdir()}
    assert {"blocks", "specs", "claims", "text.md"} <= names
    assert (ROOT / f"workflow/rules/{room.name}.smk").is_file()
    assert f'include: "workflow/rules/{room.name}.smk"' in (ROOT / "Snakefile").read_text()
    assert (ROOT / f"tests/lecture/{room.name}").is_dir()


def test_every_folder_with_a_text_is_a_section():
    assert {path.parent.name for path in LECTURE.glob("*/text.md")} == set(registry.SECTIONS)


def test_every_block_of_a_section_is_in_the_config():
    """A block that no key of the config holds would be dead."""
    source = (LECTURE / "config.py").read_text()
    rooms = (*ROOMS, LECTURE / "gradients")
    for blocks in (path for room in rooms for path in [*room.glob("blocks.py"), *room.glob("blocks/*.py")]):
        used = blocks.read_text()
        for node in ast.parse(used).body:
            if isinstance(node, ast.ClassDef):
                where = f"{blocks}: {node.name}"
                assert node.name in source or used.count(node.name) > 1, where
