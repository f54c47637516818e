# After the lecture: groups, divisors, clipping, other gradients, and what they do to training.
