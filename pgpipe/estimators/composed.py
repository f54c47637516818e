"""What follows for an estimator from its parts. There is no tensor in here, so that the config may ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pgpipe.estimators.parts import Part, read_part

# The columns of `estimators.csv` that no config line says.
DERIVED_COLUMNS = (
    "bias",
    "whole_trajectory",
    "per_parameter",
    "needs_others",
    "exact_value",
    "state_ratios",
    "corrects",
    "normalized_over",
    "aggregate",
    "needs_groups",
)

# What a signal asks for that an oracle knows; of these a critic knows the first.
OF_ORACLES: tuple[str, ...] = ("action_values", "slopes")

Normalize = bool | Literal["group"]  # true: over the batch


@dataclass(frozen=True)
class Composed:
    """The parts of an estimator and its options, as a line of config gives them."""

    signal: Part
    baseline: Part
    importance: Part
    aggregate: Part
    score_discount: bool = True
    normalize: Normalize = False
    self_normalize: bool = False
    longest: int | None = None
    exact: bool = False  # whether V is the true value function, not a fit

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> "Composed":
        """Those that a config line names.  Raises `ValueError` for a file that is no part."""
        return cls(
            read_part("signals", line["signal"]),
            read_part("baselines", line.get("baseline", "none")),
            read_part("importance", line.get("importance", "none")),
            read_part("aggregates", line.get("aggregate", "trajectories")),
            line.get("score_discount", True),
            line.get("normalize", False),
            line.get("self_normalize", False),
            line.get("longest"),
            line.get("value") == "exact",
        )

    @property
    def asks(self) -> set[str]:
        """What its parts ask for."""
        parts = (self.signal, self.baseline, self.importance, self.aggregate)
        return {name for part in parts for name in part.asks}

    @property
    def whole_trajectory(self) -> bool:
        """Whether all steps have one credit, counted from step 0, whose factor is γ⁰ = 1."""
        return self.signal.facts.whole_trajectory

    @property
    def own_gradient(self) -> bool:
        """Whether the signal is no credit of scores but gives every trajectory's gradient itself."""
        return self.signal.facts.own_gradient

    @property
    def per_parameter(self) -> bool:
        """Whether the baseline is a number for each parameter, which needs every trajectory's gradient."""
        return "rows" in self.baseline.asks

    @property
    def leaves_own_out(self) -> bool:
        """Whether the baseline is made from the other trajectories' credits."""
        return self.baseline.facts.source == "others"

    @property
    def needs_others(self) -> bool:
        """Whether a batch of one trajectory leaves it nothing to go by."""
        return self.leaves_own_out or self.needs_fit

    @property
    def needs_fit(self) -> bool:
        """Whether a critic is fitted for it."""
        return bool({"values", "action_values"} & self.asks) and not self.exact

    @property
    def needs_groups(self) -> bool:
        """Whether it asks which trajectories began in one start state."""
        return "group" in self.baseline.asks or self.normalize == "group"

    @property
    def needs_exact_value(self) -> bool:
        """Whether it asks for the exact value function, which few environments have."""
        return self.exact and bool({"values", *OF_ORACLES} & self.asks)

    @property
    def needs_of_oracle(self) -> tuple[str, ...]:
        """What else it asks an oracle for, that fewer have: exact `action_values`, or `slopes`."""
        asked = [name for name in OF_ORACLES if name in self.signal.asks]
        return tuple(name for name in asked if self.exact or name != "action_values")

    @property
    def needs_state_ratios(self) -> bool:
        """Whether it asks how likely a state is under either policy, which few environments tell."""
        return "log_state_ratios" in self.importance.asks

    @property
    def weighs(self) -> bool:
        """Whether it weighs samples of another policy; on its own samples every weight is one."""
        return self.importance.facts.corrects != ()

    @property
    def weighs_by_advantage(self) -> bool:
        """Whether its weights depend on the advantages, which then come first."""
        return "advantages" in self.importance.asks

    @property
    def biases(self) -> tuple[str, ...]:
        """Why its expectation is not ∇J, or need not be, whatever the number of batches.

        What a form of weights leaves uncorrected is not in it: on a policy's own samples every weight is one.
        """
        facts, asks = self.baseline.facts, self.baseline.asks
        sees_all = facts.source is None and bool({"credit", "rows", "trajectories"} & set(asks))
        divides = self.aggregate.facts.divides
        found = {
            "own trajectory": facts.source == "batch" or sees_all,
            "fitted value": bool({"values", "action_values"} & set(self.signal.asks)) and not self.exact,
            "normalized advantages": bool(self.normalize),
            "undiscounted score": not self.score_discount and not self.whole_trajectory,
            "own weights": self.self_normalize,
            "clipped weights": self.importance.facts.clips,
            "divided by lengths": divides in ("lengths", None),
            "constant divisor": divides == "constant",
        }
        return tuple(reason for reason, holds in found.items() if holds)

    def columns(self) -> dict[str, Any]:
        """The estimator's entries in those columns, plain values."""
        corrects = self.importance.facts.corrects
        entries = (
            ", ".join(self.biases) or "none",
            self.whole_trajectory,
            self.per_parameter,
            self.needs_others,
            self.needs_exact_value,
            self.needs_state_ratios,
            "unknown" if corrects is None else ", ".join(corrects) or "nothing",
            self.normalize if isinstance(self.normalize, str) else "batch" if self.normalize else "nothing",
            self.aggregate.name,
            self.needs_groups,
        )
        return dict(zip(DERIVED_COLUMNS, entries, strict=True))
