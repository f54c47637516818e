"""The kinds of values that a config is made of."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from pgpipe.config.names import declared, known
from pgpipe.estimators.parts import part_names

EnvironmentName = Annotated[str, declared("environments")]
EstimatorName = Annotated[str, declared("estimators")]
RecipeName = Annotated[str, declared("recipes")]
Signal = Annotated[str, AfterValidator(lambda name: known(name, "signal", part_names("signals")))]
Baseline = Annotated[str, AfterValidator(lambda name: known(name, "baseline", part_names("baselines")))]

Importance = Annotated[
    str, AfterValidator(lambda name: known(name, "form of importance weights", part_names("importance")))
]

Aggregate = Annotated[str, AfterValidator(lambda name: known(name, "aggregate", part_names("aggregates")))]


def _normalize(given: Any) -> Any:
    """The same by words: none is false, batch true."""
    return {"none": False, "batch": True}.get(given, given) if isinstance(given, str) else given


Normalize = Annotated[
    bool | Literal["group"],
    BeforeValidator(_normalize, json_schema_input_type=bool | Literal["none", "batch", "group"]),
]


def _different(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("repeated", "an entry is repeated; allowed: each once", {})
    return values


def _rising(bounds: list[float]) -> list[float]:
    if len(bounds) == 2 and bounds[0] >= bounds[1]:
        raise PydanticCustomError("falling", "allowed: a lower and a higher bound, in this order", {})
    return bounds


# More of anything nobody counts.
MOST = 1_000_000_000
MOST_SEEDS = 1_000_000

Different = AfterValidator(_different)
Rising = AfterValidator(_rising)
# A name becomes part of the names of files.
Key = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64, description="lower-case letters, digits and _")
]
Count = Annotated[int, Field(ge=1, le=MOST)]
Batch = Annotated[int, Field(ge=2, le=MOST)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Seeds = Annotated[int, Field(ge=4, le=MOST_SEEDS)]  # fewer have no interquartile mean


def without_null(given: Any) -> Any:
    """In an override file null takes an entry out."""
    if not isinstance(given, dict):
        return given
    return {name: value for name, value in given.items() if value is not None}


class Model(BaseModel):
    """A closed, frozen mapping: unknown keys and near-miss types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
