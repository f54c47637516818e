"""Formulas: what pandoc's MathML and its typst lack of a typesetter's care."""

import re

# A box around a term, which pandoc makes of what is changed in a formula.
_BOX = (('<menclose notation="box">', '<mrow class="changed">'), ("</menclose>", "</mrow>"))

# A function's name, what stands before it, and whether its argument is in parentheses.
_NAME = re.compile(
    r'(?P<open><mo[^>]*form="prefix"[^>]*>[^<]*</mo>|<mrow>|<semantics>|<mtd[^>]*>)?(?<!<msub>)(?<!<munder>)'
    r'<mrow>(?P<name><mi mathvariant="normal">\w+</mi>)<mo>&#8289;</mo></mrow>(?P<argument><mo[^>]*>\()?'
)
_SPACE = '<mspace width="0.167em"></mspace>'

# The bars of a norm, which grow with any index that they hold.
_BARS = re.compile(r'<mo stretchy="true"( form="\w+")>(∥|‖)</mo>')

# Words that hold on to a formula: a line never begins with a comma, nor ends with an open parenthesis.
_HELD = re.compile(r'([(“‘]*)(<math display="inline".*?</math>)([.,;:!?)”’]*)', re.DOTALL)


def typeset(html: str) -> str:
    """The same words; in formulas names have space, norms are low, and commas stay where they were."""
    for box, changed in _BOX:
        html = html.replace(box, changed)
    html = _BARS.sub(r'<mo stretchy="false"\1>\2</mo>', _NAME.sub(_spaced, html))
    return _HELD.sub(
        lambda held: f'<span class="held">{held[0]}</span>' if held[1] or held[3] else held[0], html
    )


def _spaced(found: "re.Match[str]") -> str:
    """A name with thin spaces, as TeX sets it: none after an opening, none before one."""
    before, after = "" if found["open"] else _SPACE, "" if found["argument"] else _SPACE
    name = f"<mrow>{before}{found['name']}{after}</mrow>"
    return f"{found['open'] or ''}{name}{found['argument'] or ''}"


# A bracket that TeX is told to enlarge, or the end of a cell.
_BRACKET = re.compile(r"\\[Bb]igg?[lr]?\s*([(\[)\]])|&|\\\\")

# What pandoc makes of those that it enlarges, of a box, and of spaces, which it rounds to whole ems.
_LARGE = re.compile(r"#scale\(x: (\d+)%, y: \1%\)\[(\\?.)\]")
_LINE = 75  # per cent of a bracket's height, in a line's
_BOXED = re.compile(r"#box\(stroke: black, inset: 3pt, \[\$ (.*?) \$\]\)", re.DOTALL)
_SPACES = {"#h(0em)": "thick", "#h(-1em)": "#h(-0.17em)"}


def paired(markdown: str) -> str:
    """TeX with brackets that typst makes as large as what they hold; those of two cells keep their size."""
    opened: list[re.Match[str]] = []
    sides: dict[int, str] = {}
    for found in _BRACKET.finditer(markdown):
        if not found[1]:
            opened.clear()
        elif found[1] in "([":
            opened.append(found)
        elif opened:
            sides |= {opened.pop().start(): r"\left", found.start(): r"\right"}
    return _BRACKET.sub(lambda f: f"{sides[f.start()]}{f[1]}" if f.start() in sides else f[0], markdown)


def in_print(typst: str) -> str:
    """What pandoc does to formulas, mended."""
    for lost, space in _SPACES.items():
        typst = typst.replace(lost, space)
    typst = _LARGE.sub(lambda found: f"lr({found[2]}, size: #{int(found[1]) / _LINE:g}em)", typst)
    return _BOXED.sub(r"#changed($\1$)", typst)
