"""Section 5: causality and baselines."""

from pgpipe.lecture.common.blocks import ExactStudy


class CausalityStudy(ExactStudy):
    """What an action cannot change, on the rollouts of the gradient study (E14 to E17, E20, E21)."""
