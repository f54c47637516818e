"""Formulas in HTML: what pandoc's MathML lacks of a typesetter's care."""

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
