"""What criteria of this section's claims ask of a config that nothing else asks: it is refused without it.

The config imports these numbers, and so do the claims that fix them. Where a claim can say what it lacks
instead, its numbers stand beside it.
"""

# ε (nats) up to which a natural step is small: E41 checks those, and C26 fits a slope to them. And from which
# on the difference of two such steps is more than rounding.
SMALL_STEP, ROUNDED_STEP = 1e-3, 1e-5

# A number of `kls` counts as a bound of that range although it was rounded on the way.
SLACK = 0.01
