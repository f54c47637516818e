"""Where randomness comes from: every stream is named, and none depends on which others are drawn.

A stream is `numpy.random.SeedSequence(seed, spawn_key)`: the config's seed as entropy, and as spawn key the
words that name the stream. A word is an integer (a training seed, a replicate, an update) or a text (what it
is for), which counts as its CRC-32. So seed 7 of an environment draws the same numbers whichever seeds run
beside it, and two recipes on one environment start from the same parameters and meet the same start states.
"""

from zlib import crc32

import numpy as np


def stream(seed: int, *words: str | int) -> np.random.Generator:
    """Return the generator of the stream that `words` name, under the config's root `seed`."""
    key = tuple(crc32(word.encode()) if isinstance(word, str) else word for word in words)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
