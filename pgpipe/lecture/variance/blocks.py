"""Section 4: three samples, and a constant added to the return."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pgpipe.config.base import Entries
from pgpipe.config.fields import Batch, Different, EnvironmentName, Finite, Model, Positive
from pgpipe.lecture.common.blocks import Study


class ReturnCurve(Model):
    """A smooth step from bad returns on the left to good ones on the right."""

    bad: Annotated[float, Field(lt=0, allow_inf_nan=False)]
    good: Positive
    turn: Finite = Field(description="where the curve passes the middle of the two")
    width: Positive = Field(description="of the step")


class ThreeSamples(Model):
    """One gradient step on three samples, with their returns in three versions (F3, F4, F5)."""

    mean: Finite = Field(0.0, description="μ of the policy before the step")
    spread: Positive = Field(1.0, description="its σ")
    return_curve: ReturnCurve
    constant: Positive = Field(2.3, description="added to all returns in F4; makes all of them positive")
    learning_rate: Positive = 0.2

    @model_validator(mode="after")
    def _all_positive(self) -> Self:
        if self.constant + self.return_curve.bad <= 0:
            message = "constant: allowed: above {least}, so that all returns become positive"
            raise PydanticCustomError("constant", message, {"least": f"{-self.return_curve.bad:g}"})
        return self


class ReturnShift(Study):
    """Variance and direction of the gradient by a constant added to the return (P2)."""

    environment: EnvironmentName
    constants: Annotated[list[Finite], Different] = Field(min_length=2)
    batch_size: Batch = Field(32, description="trajectories in a batch of the variance")
    few: Batch = Field(3, description="trajectories in a step whose direction is compared")
    replicates: Annotated[int, Field(ge=8)] = Field(4000, description="independent batches")

    @model_validator(mode="after")
    def _few_are_in_the_batch(self) -> Self:
        if self.few > self.batch_size:
            message = "few: allowed: at most batch_size, {n}, whose first trajectories they are"
            raise PydanticCustomError("few", message, {"n": self.batch_size})
        return self

    def misfits(self, entries: Entries) -> Iterator[str]:
        """An environment whose variances are not known."""
        bandits = [name for name, model in entries.environments.items() if model.id == "pgpipe/Bandit-v0"]
        if self.environment not in bandits:
            yield f"environment: found {self.environment}, no bandit. Allowed: {', '.join(bandits)}"
        elif getattr(entries.environments[self.environment].policy, "parameterization", "") != "sigma":
            yield f"environment: found {self.environment}, whose policy is not by σ. Allowed: sigma"
        if (most := max(self.constants)) <= 0:
            yield f"constants: found at most {most:g}; allowed: one above 0, which C7 adds"
