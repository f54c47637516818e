"""Which laws an estimator keeps and which it breaks, each on several problems."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import torch

from pgpipe.estimators.laws.binding import broken_laws
from pgpipe.estimators.laws.case import Case
from pgpipe.lecture.certificate.expectations import Listed, core, off
from pgpipe.lecture.certificate.problems import POLE, PROBLEMS, SEED, Problem
from pgpipe.lecture.certificate.subject import Subject
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories

Result = Literal["kept", "broken", "does not apply"]

# Beyond rounding, of an expectation over all batches.
EXACT = 1e-7
TRAJECTORIES = 7  # in the batch that a law looks at

RUNS = "It runs on every problem."
ON_POLICY = (
    "Without the biases that it declares, and with the true V, E ĝ is ∇J to rounding, over all batches."
)
OFF_POLICY = "On another policy's samples E ĝ is what weights that correct what these say they do make of it."


@dataclass(frozen=True)
class Finding:
    """A law, and what was found of it."""

    law: str
    statement: str
    result: Result
    found: str = ""


def listed(problems: Sequence[Problem]) -> list[Listed]:
    """Those of the problems whose batches can be listed."""
    return [_listed(problem) for problem in problems if problem.listed]


@cache
def _listed(problem: Problem) -> Listed:
    return Listed(problem)


def findings(subject: Subject) -> list[Finding]:
    """All laws. What raises is a finding, too: then nothing else is known."""
    try:
        return [*_deterministic(subject), _on_policy(subject), _off_policy(subject)]
    except Exception as error:
        words = " ".join(f"{type(error).__name__}: {error}".split())
        return [Finding("it runs", RUNS, "broken", words)]


def _deterministic(subject: Subject) -> Iterator[Finding]:
    """The laws of the library, each at all cases; the first that breaks it is told."""
    results = {name: broken_laws(case) for name, case in _cases(subject).items()}
    for law in next(iter(results.values())):
        told = {name: found for name, laws in results.items() if (found := laws[law]) is not None}
        broken = [f"{found} ({name})" for name, found in told.items() if found]
        result: Result = "broken" if broken else "kept" if told else "does not apply"
        statement = " ".join((law.__doc__ or "").split())
        yield Finding(law.__name__.replace("_", " "), statement, result, "; ".join(broken[:1]))


def _cases(subject: Subject) -> Mapping[str, Case]:
    """A batch of each problem that is sampled, and one that a time limit cuts off."""
    group = subject.problems[-1].group
    found = {
        problem.name: Case(
            subject.at(problem), problem.policy, problem.start, _batch(problem.name, group), subject.exact
        )
        for problem in subject.problems
        if not problem.listed
    }
    if not subject.exact:
        found[POLE["name"]] = Case(subject.estimator, policy_for(POLE), _pole(), _batch(POLE["name"], group))
    return found


def _pole() -> torch.Tensor:
    return torch.linspace(-1, 1, 8, dtype=torch.float64)


@cache
def _batch(name: str, group: int) -> Trajectories:
    """Rollouts (N, T), or two groups of so many."""
    problems = {p.name: (p.environment, p.start) for p in PROBLEMS} | {POLE["name"]: (POLE, _pole())}
    environment, theta = problems[name]
    n = TRAJECTORIES
    if group > 1:
        environment, n = environment.copy(), 2 * group
        environment["group"] = group
    (batches,) = sample_batches(environment, theta, SEED, ("laws",), 1, n)
    return batches.split()[0]


def _on_policy(subject: Subject) -> Finding:
    """E ĝ over all batches at the policy that sampled them."""

    def distance(each: Listed) -> float:
        problem = each.problem
        estimator = core(subject.at(problem), problem, problem.start)
        return off(each.on_policy(estimator)[0], problem.gradient(problem.start))

    return _expectation(subject, "expectation", ON_POLICY, distance)


def _off_policy(subject: Subject) -> Finding:
    """The same at another policy, for estimators that weigh; unsaid, weights are held to correct all."""
    said = subject.composed.importance.facts.corrects
    corrects = ("actions", "states", "rewards") if said is None else said
    if not corrects:
        return Finding("expectation off policy", OFF_POLICY, "does not apply")

    def distance(each: Listed) -> float:
        problem = each.problem
        value_of = each.target if "rewards" in corrects else problem.start
        estimator = core(subject.at(problem), problem, value_of)
        return off(each.off_policy(estimator), each.corrected(corrects))

    return _expectation(subject, "expectation off policy", OFF_POLICY, distance)


def _expectation(subject: Subject, law: str, statement: str, distance: Callable[[Listed], float]) -> Finding:
    """The first problem, the quick ones before, where E ĝ is too far away."""
    if not (known := listed(subject.problems)):
        return Finding(law, statement, "does not apply")
    for each in known:
        far = distance(each)
        if not far <= EXACT:
            where = f"{each.problem.name}, batches of {each.problem.batch_size}"
            return Finding(
                law, statement, "broken", f"E ĝ is off by {100 * far:.1f} % of its length ({where})"
            )
    return Finding(law, statement, "kept")
