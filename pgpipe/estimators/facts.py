"""What a part of an estimator says of itself, above its function: what its parameters' names do not tell."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar, get_args

from pgpipe.nearest import nearest_name

Function = TypeVar("Function", bound=Callable[..., Any])

Source = Literal["nothing", "states", "value", "others", "batch"]
Average = Literal["all steps", "each step", "each parameter"]
Divisor = Literal["number", "constant", "lengths"]

# What a form of importance weights may correct.
CORRECTED = (
    (),
    ("actions",),
    ("actions", "rewards"),
    ("actions", "states"),
    ("actions", "states", "rewards"),
)

TRUTHS = ("whole_trajectory", "own_gradient", "per_reward", "product", "clips")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A decorator, `@Facts(source="others")`. Its values are literals: the config reads them without torch.

    | fact             | of         | meaning                                                               |
    |------------------|------------|-----------------------------------------------------------------------|
    | whole_trajectory | signal     | one credit for all steps, counted from step 0; unsaid: one a step     |
    | lambda_return    | signal     | λ if the credit is a λ-return: 1 for rewards alone, 0 for one reward  |
    |                  |            | and a value, or the name of the option; unsaid: it is none            |
    | own_gradient     | signal     | it is no credit but each trajectory's whole gradient, (N, P)          |
    | source           | baseline   | what b is made from: nothing (it is zero), states (the step and the   |
    |                  |            | states so far), value (it is V), others or batch (which trajectories' |
    |                  |            | credits); unsaid: batch if it asks for credits, so that nobody takes  |
    |                  |            | it for unbiased by oversight                                          |
    | average          | baseline   | the steps whose credits b is the mean of, or of each parameter, by    |
    |                  |            | squared scores; unsaid: no such mean                                  |
    | corrects         | importance | whose expectation becomes that of the target policy; unsaid: unknown  |
    | per_reward       | importance | each reward has ratios of its own, from the score on                  |
    | product          | importance | the ratios of many steps are multiplied                               |
    | clips            | importance | weights are cut, so that they correct only what is not far away       |
    | divides          | aggregate  | what the sum over all steps is divided by: the number of trajectories, |
    |                  |            | that and a constant, or what depends on how long they are; unsaid:    |
    |                  |            | lengths                                                               |
    """

    whole_trajectory: bool = False
    lambda_return: float | Literal["gae_lambda"] | None = None
    own_gradient: bool = False
    source: Source | None = None
    average: Average | None = None
    corrects: tuple[str, ...] | None = None
    per_reward: bool = False
    product: bool = False
    clips: bool = False
    divides: Divisor | None = None

    def __post_init__(self) -> None:
        lam = self.lambda_return
        number = isinstance(lam, int | float) and not isinstance(lam, bool)
        if not (lam is None or lam == "gae_lambda" or (number and 0 <= lam <= 1)):
            raise ValueError(
                f"fact lambda_return: found {lam!r}; allowed: a number from 0 to 1, 'gae_lambda'"
            )
        truth: dict[str, tuple[Any, ...]] = dict.fromkeys(TRUTHS, (True, False))
        words = {"source": get_args(Source), "average": get_args(Average), "corrects": CORRECTED}
        words["divides"] = get_args(Divisor)
        for name, values in (truth | words).items():
            found = getattr(self, name)
            if found is not None and (type(found), found) not in [(type(v), v) for v in values]:
                known = ", ".join(map(repr, values))
                raise ValueError(f"fact {name}: found {found!r}; allowed: {known}")

    def __call__(self, part: Function) -> Function:
        """Write the facts on a part."""
        part.facts = self  # type: ignore[attr-defined]
        return part

    @classmethod
    def from_declaration(cls, **values: Any) -> "Facts":
        """Those of a declaration.  Raises `ValueError` for a fact that there is none of."""
        names = [field.name for field in fields(cls)]
        for name in values.keys() - set(names):
            raise ValueError(f"unknown fact '{name}'{nearest_name(name, names)} Known: {', '.join(names)}")
        return cls(**values)


def facts_of(part: Callable[..., Any]) -> Facts:
    """What a function says of itself; the defaults if it says nothing."""
    found: Facts = getattr(part, "facts", Facts())
    return found
