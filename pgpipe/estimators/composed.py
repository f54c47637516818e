"""What follows for an estimator from its parts. There is no tensor in here, so that the config may ask."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pgpipe.estimators.parts import Part, part_names, read_part
from pgpipe.nearest import nearest_name

# What parts can ask for by name, family by family.
SIGNAL_ARGUMENTS = ("trajectories", "gamma", "gae_lambda", "values", "future")
BASELINE_ARGUMENTS = (*SIGNAL_ARGUMENTS, "credit", "mask")
PER_PARAMETER_ARGUMENTS = ("rows", "scores")  # which take every trajectory's gradient
IMPORTANCE_ARGUMENTS = ("log_ratios", "log_state_ratios")

# The columns of `estimators.csv` that no config line says.
DERIVED_COLUMNS = (
    "bias",
    "whole_trajectory",
    "per_parameter",
    "needs_others",
    "exact_value",
    "state_ratios",
    "corrects",
)


@dataclass(frozen=True)
class Composed:
    """The parts of an estimator and its options, as a line of config gives them."""

    signal: Part
    baseline: Part
    importance: Part
    score_discount: bool = True
    normalize: bool = False
    self_normalize: bool = False
    exact: bool = False  # whether V is the true value function, not a fit

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> "Composed":
        """Those that a config line names.  Raises `ValueError` for a file that is no part."""
        return cls(
            read_part("signals", line["signal"]),
            read_part("baselines", line.get("baseline", "none")),
            read_part("importance", line.get("importance", "none")),
            line.get("score_discount", True),
            line.get("normalize", False),
            line.get("self_normalize", False),
            line.get("value") == "exact",
        )

    @property
    def asks(self) -> set[str]:
        """What its parts ask for."""
        return {*self.signal.asks, *self.baseline.asks, *self.importance.asks}

    @property
    def whole_trajectory(self) -> bool:
        """Whether all steps have one credit, counted from step 0, whose factor is γ⁰ = 1."""
        return self.signal.facts.whole_trajectory

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
        return self.leaves_own_out or ("values" in self.asks and not self.exact)

    @property
    def needs_exact_value(self) -> bool:
        """Whether it asks for the exact value function, which few environments have."""
        return "values" in self.asks and self.exact

    @property
    def needs_state_ratios(self) -> bool:
        """Whether it asks how likely a state is under either policy, which few environments tell."""
        return "log_state_ratios" in self.importance.asks

    @property
    def weighs(self) -> bool:
        """Whether it weighs samples of another policy; on its own samples every weight is one."""
        return self.importance.facts.corrects != ()

    @property
    def biases(self) -> tuple[str, ...]:
        """Why its expectation is not ∇J, or need not be, whatever the number of batches.

        What a form of weights leaves uncorrected is not in it: on a policy's own samples every weight is one.
        """
        facts, asks = self.baseline.facts, self.baseline.asks
        sees_all = facts.source is None and bool({"credit", "rows", "trajectories"} & set(asks))
        found = {
            "own trajectory": facts.source == "batch" or sees_all,
            "fitted value": "values" in self.signal.asks and not self.exact,
            "normalized advantages": self.normalize,
            "undiscounted score": not self.score_discount and not self.whole_trajectory,
            "own weights": self.self_normalize,
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
        )
        return dict(zip(DERIVED_COLUMNS, entries, strict=True))

    def misfits(self) -> Iterator[str]:
        """What has no meaning about it: what was found, what is allowed."""
        signal, baseline, importance = self.signal, self.baseline, self.importance
        gets = PER_PARAMETER_ARGUMENTS if self.per_parameter else BASELINE_ARGUMENTS
        yield from _unknown("signal", signal, SIGNAL_ARGUMENTS)
        yield from _unknown("baseline", baseline, gets)
        yield from _unknown("importance", importance, IMPORTANCE_ARGUMENTS)
        if importance.facts.per_reward and self.whole_trajectory:
            # what was earned before the score has no ratios between the two
            named = ((name, read_part("signals", name)) for name in part_names("signals"))
            signals = ", ".join(name for name, part in named if not part.facts.whole_trajectory)
            yield (
                f"importance: found {importance.name}, whose ratios from the score to a reward signal "
                f"{signal.name} has not, as it credits a step with past rewards too; allowed: {signals}"
            )
        if self.self_normalize and not self.weighs:
            no_weights = f"as importance {importance.name} has no weights"
            yield f"self_normalize: found true; allowed: false, {no_weights}"
        if self.normalize and self.per_parameter:
            no_advantages = f"as baseline {baseline.name} acts on no advantages"
            yield f"normalize: found true; allowed: false, {no_advantages}"


def _unknown(role: str, part: Part, gets: tuple[str, ...]) -> Iterator[str]:
    """What a part asks for that nobody gives it."""
    for name in part.asks:
        if name not in gets:
            near = nearest_name(name, gets)
            yield f"{role}: found {part.name}, which asks for '{name}'{near} Known: {', '.join(gets)}"
