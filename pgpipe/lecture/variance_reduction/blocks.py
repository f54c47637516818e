"""Section 5: causality and baselines."""

from collections.abc import Iterator

from pgpipe.config.base import Entries
from pgpipe.lecture.common.blocks import ExactStudy
from pgpipe.lecture.gradients.blocks import GradientStudy


class CausalityStudy(ExactStudy):
    """What an action cannot change, on the rollouts of the gradient study (E14 to E17, E20, E21)."""

    def misfits(self, entries: Entries) -> Iterator[str]:
        """What is not exact, and rollouts that nobody collects."""
        yield from super().misfits(entries)
        if entries.find(GradientStudy) is None:
            yield "environments: found no gradient_study, whose rollouts are read; allowed: beside one"
