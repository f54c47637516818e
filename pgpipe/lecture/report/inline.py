"""Pictures inside the page: SVG that shares its letters and takes its colours from the page's style."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from pgpipe.lecture.report.colours import variables

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
GLYPH = re.compile(r"[A-Za-z]+-.*[0-9a-f]+$")  # matplotlib's name of a letter: its font, and its number there
COLOUR = re.compile(r"#[0-9a-f]{6}\b")
REFERENCE = re.compile(r"url\(#([^)]+)\)|^#(.+)$")
NUMBER = re.compile(r"-?\d+\.\d+")

# Parts of a point (1/72 inch) in which places are told: a picture is shown at about its size.
PLACES = 2


class Sheet:
    """What the pictures of one page share: the outlines of letters, and a variable for each colour."""

    def __init__(self) -> None:
        self.letters: dict[str, str] = {}
        self.colours: dict[str, str] = {}

    def inline(self, svg: bytes, name: str, alt: str) -> str:
        """The picture as an element of the page, with `id` svg-<name>."""
        root = ET.fromstring(svg)
        self._take_letters(root)
        used = set(_references(root))
        for element in root.iter():
            self._clean(element, name, used)
        width, height = (float(root.attrib.pop(side).removesuffix("pt")) for side in ("width", "height"))
        root.attrib = {
            "id": f"svg-{name}", "class": "picture", "role": "img", "aria-label": alt,
            "viewBox": f"0 0 {width:g} {height:g}",
        }  # fmt: skip
        return _written(root)

    def letters_svg(self) -> str:
        """The letters, once for all pictures."""
        outlines = "".join(self.letters.values())
        return f'<svg width="0" height="0" aria-hidden="true" class="letters"><defs>{outlines}</defs></svg>'

    def style(self) -> tuple[str, str]:
        """(light, dark): the variables of the colours."""
        return variables((name, colour) for colour, name in self.colours.items())

    def _take_letters(self, root: ET.Element) -> None:
        for defs in root.iter(f"{SVG}defs"):
            for path in list(defs):
                if GLYPH.fullmatch(path.get("id", "")) and path.tag == f"{SVG}path":
                    self.letters.setdefault(path.attrib["id"], _written(path))
                    defs.remove(path)

    def _clean(self, element: ET.Element, name: str, used: set[str]) -> None:
        """Names of its own, no name that nothing refers to, short numbers, colours by variable."""
        attributes = element.attrib
        if LINK in attributes:
            attributes["href"] = attributes.pop(LINK)
        if "id" in attributes and attributes["id"] not in used:
            del attributes["id"]
        for key, value in attributes.items():
            if key == "id":
                attributes[key] = f"{name}-{value}"
            elif key in ("d", "x", "y", "points", "width", "height"):
                attributes[key] = NUMBER.sub(lambda found: _short(found[0]), " ".join(value.split()))
            elif not value.startswith("data:"):
                local = REFERENCE.sub(lambda found: self._renamed(found, name), value)
                attributes[key] = COLOUR.sub(self._variable, local)

    def _renamed(self, found: "re.Match[str]", name: str) -> str:
        inside, whole = found.groups()
        if inside:
            return f"url(#{name}-{inside})"
        return f"#{whole}" if whole in self.letters else f"#{name}-{whole}"

    def _variable(self, found: "re.Match[str]") -> str:
        variable = self.colours.setdefault(found[0], f"k{len(self.colours)}")
        return f"var(--{variable})"


def _references(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        for key, value in element.attrib.items():
            if key != "d" and (found := REFERENCE.search(value)):
                yield found[1] or found[2]


def _short(number: str) -> str:
    rounded = f"{float(number):.{PLACES}f}".rstrip("0").rstrip(".")
    return "0" if rounded == "-0" else rounded


def _written(element: ET.Element) -> str:
    """Without the prefix, the spaces between elements, its own style and the data on how it was made."""
    for part in element.iter():
        part.tag = part.tag.removeprefix(SVG)
        part.text = (part.text or "").strip() or None
        part.tail = None
        for child in [child for child in part if child.tag in (f"{SVG}metadata", f"{SVG}style")]:
            part.remove(child)
    return ET.tostring(element, encoding="unicode")
