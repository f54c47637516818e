"""Make the fonts of pictures and pages again, from npm's packages: `make fonts`.

Only the characters that a lecture needs are kept. Source Sans 3 is renamed, as its licence reserves the name
for the whole font.
"""

import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
PICTURES, PAGES = ROOT / "pgpipe/lecture/common/fonts", ROOT / "pgpipe/lecture/report/fonts"

SANS, TEXT, MATH = "source-sans@3.52.0", "@fontsource/stix-two-text@5.3.0", "@fontsource/stix-two-math@5.3.0"

LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x100), 0x131]
SYMBOLS = [
    *(0x302, 0x304, *range(0x370, 0x400), *range(0x2010, 0x2017), *range(0x2018, 0x2023), 0x2026, 0x2032),
    *(0x2033, *range(0x2070, 0x209D), *range(0x2190, 0x2196), *range(0x2200, 0x2300), 0x2713, 0x2717),
    *range(0x25A0, 0x2600),
]
# accents, Greek, arrows, operators and relations, brackets, italic, bold, script and double-struck letters
MATHEMATICS = [
    *(*range(0x20, 0x7F), *range(0xA0, 0xB8), 0xD7, 0xF7, *range(0x300, 0x306), 0x307, 0x308, 0x30A, 0x30C),
    *(0x332, 0x338, *range(0x391, 0x3CA), 0x3D1, 0x3D5, 0x3F5, *range(0x2010, 0x2017), 0x2018, 0x2019),
    *(0x201C, 0x201D, 0x2020, 0x2021, 0x2022, 0x2026, *range(0x2032, 0x2035), 0x203E, *range(0x2061, 0x2065)),
    *(0x20D7, 0x2102, 0x210B, 0x210E, 0x2110, 0x2112, 0x2113, 0x2115, 0x211A, 0x211D, *range(0x2190, 0x219A)),
    *(0x21A6, 0x21D2, 0x21D4, *range(0x2200, 0x2300), *range(0x2308, 0x230C), 0x23B4, 0x23B5),
    *(*range(0x23DC, 0x23E0), 0x27E8, 0x27E9, *range(0x1D400, 0x1D468), *range(0x1D49C, 0x1D4B6)),
    *range(0x1D6A8, 0x1D71C),
]


def main() -> None:
    """Fetch the packages, cut, rename, write, and keep the licences beside."""
    with TemporaryDirectory() as place:
        sans, text, math = (unpacked(package, Path(place)) for package in (SANS, TEXT, MATH))
        for weight, source in (("Regular", "Regular"), ("Bold", "Semibold")):
            whole = sans / f"TTF/SourceSans3-{source}.ttf"
            for path in (PICTURES / f"LectureSans-{weight}.ttf", PAGES / f"LectureSans-{weight}.woff2"):
                cut(whole, path, [*LATIN, *SYMBOLS], ["kern", "mark", "mkmk", "tnum", "lnum"], "Lecture Sans")
        for style in ("400-normal", "400-italic", "600-normal"):
            whole = text / f"files/stix-two-text-latin-{style}.woff2"
            cut(whole, PAGES / f"STIXTwoText-{style}.woff2", LATIN + SYMBOLS, ["kern", "liga", "mark"])
        whole = math / "files/stix-two-math-latin-400-normal.woff2"
        cut(whole, PAGES / "STIXTwoMath.woff2", MATHEMATICS, ["ssty", "kern", "mark", "mkmk"])
        for folder in (PICTURES, PAGES):
            (folder / "LICENSE-SourceSans3.md").write_bytes((sans / "LICENSE.md").read_bytes())
        (PAGES / "LICENSE-STIXTwo.txt").write_bytes((math / "LICENSE").read_bytes())


def unpacked(package: str, place: Path) -> Path:
    """The folder of a package of npm's registry."""
    packed = subprocess.run(["npm", "pack", "--silent", package], cwd=place, check=True, capture_output=True)
    archive = place / packed.stdout.decode().split()[-1]
    with tarfile.open(archive) as contents:
        contents.extractall(place / archive.stem, filter="data")
    return place / archive.stem / "package"


def cut(whole: Path, path: Path, characters: list[int], features: list[str], family: str = "") -> None:
    """Write the part of a font with these characters, under another name if one is given."""
    options = subset.Options(layout_features=features, hinting=False)
    options.flavor = "woff2" if path.suffix == ".woff2" else None
    font = TTFont(whole)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    if family:
        rename(font, family, path.stem.partition("-")[2])
    font.flavor = options.flavor
    path.parent.mkdir(parents=True, exist_ok=True)
    font.save(path)


def rename(font: TTFont, family: str, weight: str) -> None:
    """One family of two weights, as matplotlib looks for them."""
    whole = f"{family} {weight}"
    told = {1: family, 2: weight, 3: whole, 4: whole, 6: whole.replace(" ", "-"), 16: family, 17: weight}
    for record in font["name"].names:
        if record.nameID in told:
            record.string = told[record.nameID]
    font["OS/2"].usWeightClass = 700 if weight == "Bold" else 400


if __name__ == "__main__":
    main()
