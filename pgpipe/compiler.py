"""Whether there is a compiler for `pgpipe/fused`; without one the plain code computes everything."""

from importlib.util import find_spec

INSTALLED = find_spec("numba") is not None
