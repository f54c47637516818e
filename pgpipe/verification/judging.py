"""Whether files that another machine changed agree: tables by their numbers, the rest by what is behind."""

from collections.abc import Collection
from functools import cache

from pgpipe.verification.numbers import Policy, disagreements, other_policies
from pgpipe.verification.runs import Run, has_numbers

POLICIES = "reports/tables/policies.csv"


def inputs_of(path: str, *runs: Run) -> set[str]:
    """What a file was made from in any of the runs."""
    return {name for run in runs if path in run.rows for name in run.rows[path]["inputs"]}


def judge(changed: Collection[str], then: Run, now: Run) -> dict[str, tuple[str, ...]]:
    """For each changed file what of it is not within tolerance; nothing where all is."""
    others, users = _others(then, now), _users(then, now)

    @cache
    def problems(path: str) -> tuple[str, ...]:
        if has_numbers(path):
            return _numbers(path, then, now, others)
        if path.startswith("results/"):
            return between(path)
        inputs = sorted(name for name in inputs_of(path, then, now) if name in changed)
        return tuple(f"{name} does not agree" for name in inputs if problems(name))

    def between(path: str) -> tuple[str, ...]:
        if path not in users:
            return ("no number is made of it that could be compared",)
        return tuple(f"{user} does not agree" for user in users[path] if user in changed and problems(user))

    return {path: problems(path) for path in changed}


def _users(then: Run, now: Run) -> dict[str, list[str]]:
    """For each file what was made from it in any of the runs and can be judged."""
    users: dict[str, list[str]] = {}
    for user in sorted({*then.rows, *now.rows}):
        if user.startswith("results/") or has_numbers(user):
            for name in inputs_of(user, then, now):
                users.setdefault(name, []).append(user)
    return users


def _others(then: Run, now: Run) -> set[Policy]:
    """The policies that training made otherwise."""
    old, new = then.numbers(POLICIES), now.numbers(POLICIES)
    return other_policies(old, new) if old and new else set()


def _numbers(path: str, then: Run, now: Run, others: Collection[Policy]) -> tuple[str, ...]:
    old, new = then.numbers(path), now.numbers(path)
    if old is None or new is None:
        return ("its numbers are not at hand",)
    return tuple(disagreements(path, old, new, others))
