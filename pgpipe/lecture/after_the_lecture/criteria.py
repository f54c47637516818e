"""What claims of section 11 go by, fixed before anything was measured."""

# Degrees up to which two directions count as one: a cosine of 0.9994.
STRAIGHT = 2.0

# How often one of the intervals of a table misses, all its rows taken together.
CHANCE = 0.05
