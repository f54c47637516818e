"""The typed, closed model of `config.yaml`: the one source of truth for what a config may say.

The Snakefile alone reads it; jobs get plain dictionaries made from it (`specs.py` of each section), so a new
key redoes nothing. `python -m pgpipe.lecture.config` prints the JSON Schema that editors complete and check
with.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from pgpipe.config.base import Entries
from pgpipe.config.fields import Different, Model
from pgpipe.config.names import known
from pgpipe.lecture.after_the_lecture.blocks.directions import BaselineStudy, ClippingStudy, DiscountStudy
from pgpipe.lecture.after_the_lecture.blocks.groups import DivisorStudy, GroupStudy, RecentStudy
from pgpipe.lecture.after_the_lecture.blocks.ways import ExpectedStudy, TermsStudy, WaysStudy
from pgpipe.lecture.common.blocks import Study
from pgpipe.lecture.direct_differentiation.blocks import ConvergenceStudy, TrajectoryStudy
from pgpipe.lecture.gradients.blocks import GradientStudy
from pgpipe.lecture.implementation.blocks import GradientCosts, ImplementationStudy
from pgpipe.lecture.line.blocks import LineStudy, VectorField
from pgpipe.lecture.natural_gradient.blocks import DirectionStudy, NaturalStudy, StepSizeStudy
from pgpipe.lecture.objective.blocks import ObjectiveStudy
from pgpipe.lecture.off_policy.blocks import HorizonStudy, OffPolicyStudy, ReuseStudy
from pgpipe.lecture.practice.blocks import BatchSweep, LearningRateSweep, NoiseStudy
from pgpipe.lecture.registry import SECTIONS
from pgpipe.lecture.variance.blocks import ReturnShift, ThreeSamples
from pgpipe.lecture.variance_reduction.blocks import CausalityStudy
from pgpipe.lecture.what_the_gradient_does.blocks import GaussianStudy, StepStudy, TwoActions

Section = Annotated[str, AfterValidator(lambda name: known(name, "section", list(SECTIONS)))]


class Config(Entries):
    """The lecture: what to compute."""

    takes_all = {"gradient_study": "estimators"}  # noqa: RUF012  a class variable, see Entries

    sections: Annotated[list[Section], Different] | None = Field(
        None,
        min_length=1,
        exclude_if=lambda sections: sections is None,
        description="the parts of the lecture that are made; null: all of them",
    )
    gradient_study: GradientStudy | None = None
    objective_study: ObjectiveStudy | None = None
    three_samples: ThreeSamples | None = None
    return_shift: ReturnShift | None = None
    trajectory_study: TrajectoryStudy | None = None
    convergence_study: ConvergenceStudy | None = None
    step_study: StepStudy | None = None
    gaussian_study: GaussianStudy | None = None
    two_actions: TwoActions | None = None
    causality_study: CausalityStudy | None = None
    off_policy_study: OffPolicyStudy | None = None
    horizon_study: HorizonStudy | None = None
    reuse_study: ReuseStudy | None = None
    vector_field: VectorField | None = None
    implementation_study: ImplementationStudy | None = None
    gradient_costs: GradientCosts | None = None
    batch_sweep: BatchSweep | None = None
    learning_rate_sweep: LearningRateSweep | None = None
    noise_study: NoiseStudy | None = None
    line_study: LineStudy | None = None
    natural_study: NaturalStudy | None = None
    direction_study: DirectionStudy | None = None
    step_size_study: StepSizeStudy | None = None
    group_study: GroupStudy | None = None
    divisor_study: DivisorStudy | None = None
    recent_study: RecentStudy | None = None
    ways_study: WaysStudy | None = None
    expected_study: ExpectedStudy | None = None
    terms_study: TermsStudy | None = None
    clipping_study: ClippingStudy | None = None
    discount_study: DiscountStudy | None = None
    baseline_study: BaselineStudy | None = None

    def misfits(self) -> Iterator[str]:
        """What no entry and no block can know by itself."""
        yield from super().misfits()
        blocks = [(key, block) for key, block in self if isinstance(block, Model)]
        for key, block in blocks:
            if isinstance(block, Study):
                yield from (f"{key}.{misfit}" for misfit in block.misfits(self))
        if not blocks and not self.recipes:
            yield "found no recipe and no study; allowed: at least one, such as gradient_study"


def json_schema() -> str:
    """Return the JSON Schema of `config.yaml` as text, as committed under `workflow/schemas/`."""
    schema: dict[str, Any] = Config.model_json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(json_schema(), end="")
