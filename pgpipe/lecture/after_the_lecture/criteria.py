"""What claims of section 11 go by, fixed before anything was measured."""

# Degrees up to which two directions count as one: a cosine of 0.9994.
STRAIGHT = 2.0
