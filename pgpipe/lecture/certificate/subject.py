"""What is judged: an estimator, wherever its parts come from, set to one problem after the other."""

from dataclasses import dataclass, replace

from pgpipe.estimators.composed import Composed
from pgpipe.estimators.composition import Estimator
from pgpipe.lecture.certificate.problems import Problem, problems_for


@dataclass(frozen=True)
class Subject:
    """An estimator by name; `exact` says that it asks for the true V of each problem."""

    name: str
    estimator: Estimator
    exact: bool = False

    @property
    def composed(self) -> Composed:
        """What follows from its parts."""
        return replace(self.estimator.composed, exact=self.exact)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Those on which it is judged."""
        return problems_for(self.composed)

    @property
    def declared(self) -> tuple[str, ...]:
        """The biases that it says it has. A baseline that says nothing of its source is taken at its word."""
        said = self.composed.baseline.facts.source is not None
        return tuple(bias for bias in self.composed.biases if said or bias != "own trajectory")

    @property
    def parts(self) -> dict[str, str]:
        """What it is composed of."""
        line, e = self.composed, self.estimator
        options = {
            "corrects": ", ".join(line.importance.facts.corrects or ()) if line.weighs else "",
            "value": "exact" if self.exact else "critic" if "values" in line.asks else "",
            "gae_lambda": str(e.gae_lambda) if "gae_lambda" in line.asks else "",
            "score_discount": "" if e.score_discount else "false",
            "normalize": str(e.normalize).lower() if e.normalize else "",
            "self_normalize": "true" if e.self_normalize else "",
            "clip": str(e.clip) if "clip" in line.asks else "",
            "truncation": str(e.truncation) if "truncation" in line.asks else "",
            "aggregate": "" if line.aggregate.name == "trajectories" else line.aggregate.name,
            "longest": "" if e.longest is None else str(e.longest),
        }
        named = {part: getattr(line, part).name for part in ("signal", "baseline", "importance")}
        return {name: value for name, value in {**named, **options}.items() if value not in ("", "none")}

    def at(self, problem: Problem) -> Estimator:
        """With the problem's discount, and its true V where it asks for that."""
        value = problem.value(problem.start) if self.exact else self.estimator.value
        return replace(self.estimator, gamma=problem.environment["gamma"], value=value)
