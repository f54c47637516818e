"""Words in pictures: matplotlib draws their letters one by one, the page sets them in the same font."""

import re
from functools import cache
from xml.etree import ElementTree as ET

from fontTools.ttLib import TTFont

from pgpipe.jobs.imports import ROOT

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"

FONTS = ROOT / "pgpipe/lecture/common/fonts"
WEIGHTS = {"Regular": "", "Bold": "; font-weight: 600"}

# A letter: its font, and its number there.
_LETTER = re.compile(r"#Lecture-Sans-(Regular|Bold)-([0-9a-f]+)")
# Letters of one line stand beside each other, and have one size.
_BESIDE = re.compile(r"translate\(\S+ 0\)")
_PLACE = re.compile(r"translate\((\S+) (\S+)\)( rotate\(.*?\))? scale\((\S+) -\4\)")
# Units of matplotlib's letters to one of the font's size.
_UNITS = 100


def set_words(root: ET.Element) -> None:
    """Turn each group of letters that is a line of words into a text.  Formulas stay as they are drawn."""
    for group in root.iter(f"{SVG}g"):
        letters = [part for part in group if part.tag != f"{SVG}defs"]
        words, place = _words(letters), _PLACE.fullmatch(group.get("transform", ""))
        if words and place:
            weight, said = words
            for letter in letters:
                group.remove(letter)
            x, y, turned, scale = place.groups()
            at = {"transform": f"translate({x} {y}){turned}"} if turned else {"x": x, "y": y}
            size = f"font-size: {_UNITS * float(scale):g}px{WEIGHTS[weight]}"
            drawn = group.attrib.pop("style", "fill: #000000")
            del group.attrib["transform"]
            text = ET.SubElement(group, f"{SVG}text", {**at, "style": f"{drawn}; {size}"})
            text.text = said


def _words(letters: list[ET.Element]) -> tuple[str, str] | None:
    """(weight, words); None of what is no line of words in one font of the page."""
    found = [_LETTER.fullmatch(letter.get(LINK, "")) for letter in letters]
    kinds = {match and match[1] for match in found}
    moved = all(_BESIDE.fullmatch(letter.get("transform", "translate(0 0)")) for letter in letters)
    if len(kinds) != 1 or None in kinds or not moved:
        return None
    (weight,) = (kind for kind in kinds if kind)
    said = [_characters(weight).get(int(match[2], 16)) for match in found if match]
    return (weight, "".join(map(str, said))) if None not in said else None


@cache
def _characters(weight: str) -> dict[int, str]:
    """The character of each glyph, by its number in the font of this weight."""
    with TTFont(FONTS / f"LectureSans-{weight}.ttf") as font:
        known = font["cmap"].buildReversed()
        return {font.getGlyphID(glyph): chr(min(codes)) for glyph, codes in known.items()}
