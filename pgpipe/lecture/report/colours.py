"""Colours that hold in light and dark: each of a picture's gets a counterpart for a dark page.

Lightness and chroma are those of OKLab (Ottosson 2020).
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# from linear light to the cones' responses, and from their cube roots to lightness and two axes of hue
_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
# Below this chroma a colour is partly, at none wholly, a grey: paper, ink, grid.
GREY = 0.08


def darkened(colour: str) -> str:
    """`#rrggbb` for the dark page: greys are turned over, colours become lighter, in their order.

    Paper, L = 1, becomes L = 0.2, and ink, L = 0, becomes L = 0.95.
    """
    lightness, *hue = _lab(colour)
    grey = max(0.0, 1 - float(np.hypot(*hue)) / GREY)
    turned, lifted = 0.95 - 0.75 * lightness, 0.4 + 0.6 * lightness
    return _hex(np.array([grey * turned + (1 - grey) * lifted, *hue]))


def contrast(colour: str, other: str) -> float:
    """(L1 + 0.05) / (L2 + 0.05) of the relative luminances, the lighter over the darker (WCAG 2)."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    light, dark = sorted((float(_linear(c) @ weights) for c in (colour, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def variables(colours: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """(light, dark): declarations of the CSS variables of (name, colour) pairs."""
    pairs = list(colours)
    light = "".join(f"--{name}:{colour};" for name, colour in pairs)
    return light, "".join(f"--{name}:{darkened(colour)};" for name, colour in pairs)


def _linear(colour: str) -> Floats:
    coded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def _lab(colour: str) -> Floats:
    return np.asarray(_LAB @ np.cbrt(_CONES @ _linear(colour)))


def _hex(lab: Floats) -> str:
    """The nearest colour that a screen shows."""
    linear = np.clip(np.linalg.solve(_CONES, np.linalg.solve(_LAB, lab) ** 3), 0, 1)
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * float(part)):02x}" for part in coded)
