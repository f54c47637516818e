"""What criteria of this section's claims ask of a config that nothing else asks: it is refused without it.

The config imports these numbers, and so do the claims that fix them. Where a claim can say what it lacks
instead, its numbers stand beside it.
"""

# C13 compares the growth of E[w²] over the later half of the longest horizon with that of the quarter before.
SHORTEST_LONGEST_HORIZON = 4
