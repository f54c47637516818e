"""Pictures inside the page: SVG with its words as text, and colours and strokes from the page's style."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from pgpipe.lecture.report.colours import variables
from pgpipe.lecture.report.lettering import set_words
from pgpipe.lecture.report.outlines import shortened

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
LETTER = re.compile(r"[A-Za-z]+-.*[0-9a-f]+$")  # matplotlib's name of one: its font, and its number there
COLOUR = re.compile(r"#[0-9a-f]{6}\b")
REFERENCE = re.compile(r"url\(#([^)]+)\)|^#(.+)$")
NUMBER = re.compile(r"-?\d+\.\d+")
SHIFT = re.compile(r"translate\((\S+) (\S+)\)")

# Digits after the point of a place, in points (1/72 inch): a picture is shown at about its size.
PLACES = 2

# Attributes that hold places.
_PLACED = ("x", "y", "points", "width", "height")


class Sheet:
    """What the pictures of one page share: letters, kinds of strokes and fillings, variables of colours."""

    def __init__(self) -> None:
        self.letters: dict[str, str] = {}
        self.colours: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        self.names: dict[str, str] = {}

    def inline(self, svg: bytes, name: str, alt: str) -> str:
        """The picture as an element of the page, with `id` svg-<name>."""
        root = ET.fromstring(svg)  # noqa: S314  a job of this run has drawn it
        set_words(root)
        used = set(_references(root))
        self._take_letters(root, used)
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

    def rules(self) -> str:
        """The style of lines and fillings, a class each."""
        return "\n".join(f".{name}{{{kind}}}" for kind, name in self.kinds.items())

    def _take_letters(self, root: ET.Element, used: set[str]) -> None:
        for defs in root.iter(f"{SVG}defs"):
            for path in list(defs):
                if LETTER.fullmatch(path.get("id", "")) and path.tag == f"{SVG}path":
                    defs.remove(path)
                    if path.attrib["id"] not in used:
                        continue
                    name = self._short_name(path.attrib["id"])
                    path.attrib["id"] = name
                    path.attrib["d"] = shortened(path.get("d", ""), 0)
                    self.letters.setdefault(name, _written(path))

    def _clean(self, element: ET.Element, name: str, used: set[str]) -> None:
        """Names of its own that something refers to, short numbers, style by class, colours by variable."""
        attributes = element.attrib
        if LINK in attributes:
            attributes["href"] = attributes.pop(LINK)
        if attributes.get("id", "") not in used:
            attributes.pop("id", None)
        shift = SHIFT.fullmatch(attributes.get("transform", ""))
        if shift and element.tag == f"{SVG}use" and not attributes.keys() & {"x", "y"}:
            del attributes["transform"]
            attributes |= {side: at for side, at in zip("xy", shift.groups(), strict=True) if float(at)}
        for key, value in list(attributes.items()):
            if key == "style":
                kind = COLOUR.sub(self._variable, value)
                attributes["class"] = self.kinds.setdefault(kind, f"s{len(self.kinds)}")
                del attributes[key]
            elif key == "id":
                attributes[key] = self._name(name, value)
            elif key == "d":
                attributes[key] = shortened(value, PLACES)
            elif key in _PLACED:
                attributes[key] = NUMBER.sub(lambda found: _short(found[0]), " ".join(value.split()))
            elif not value.startswith("data:"):
                local = REFERENCE.sub(lambda found: self._renamed(found, name), value)
                attributes[key] = COLOUR.sub(self._variable, local)

    def _renamed(self, found: "re.Match[str]", name: str) -> str:
        inside, whole = found.groups()
        return f"url(#{self._name(name, inside)})" if inside else f"#{self._name(name, whole)}"

    def _name(self, picture: str, id: str) -> str:
        """A short name that no other picture has; a letter's is the same in all."""
        return self.names.get(id) or self._short_name(f"{picture} {id}")

    def _short_name(self, id: str) -> str:
        return self.names.setdefault(id, f"i{len(self.names)}")

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
        part.text = part.text if part.tag == "text" else None
        part.tail = None
    _bare(element)
    return ET.tostring(element, encoding="unicode").replace(" />", "/>")


def _bare(element: ET.Element) -> None:
    """Without what is empty, and groups that say nothing of their parts."""
    kept: list[ET.Element] = []
    for part in element:
        _bare(part)
        if part.tag == "g" and not part.attrib:
            kept += part
        elif part.tag not in ("metadata", "style") and (len(part) or part.tag not in ("g", "defs")):
            kept.append(part)
    element[:] = kept


def proportion(svg: bytes) -> float:
    """Height over width of a picture; one if it does not say."""
    found = re.search(rb'viewBox="\S+ \S+ (\S+) (\S+)"', svg)
    return float(found[2]) / float(found[1]) if found else 1.0
