"""How often do checks fail and claims err where the truth is known?  `make calibration`: docs/calibration.md.

The lecture's own studies run at fixed policies, where J and ∇J are exact, for hundreds of seeds: equations
hold there and some statements are known to be true, so every failure and every "refuted" is an error. Then
with mistakes put in, which have to be seen. Policies are given, so nothing is trained; all else is the
default lecture, with fewer replicates.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pgpipe.config.files import read_config  # noqa: E402
from pgpipe.lecture.common.evaluation import evaluate  # noqa: E402
from pgpipe.lecture.config import Config  # noqa: E402
from pgpipe.lecture.direct_differentiation.specs import check_identities, follow_gradient  # noqa: E402
from pgpipe.lecture.gradients import specs as gradients  # noqa: E402
from pgpipe.lecture.objective.specs import measure_objective  # noqa: E402
from pgpipe.lecture.off_policy.specs import study_off_policy  # noqa: E402
from pgpipe.lecture.registry import section_files  # noqa: E402
from pgpipe.lecture.variance.specs import shift_returns  # noqa: E402
from pgpipe.lecture.variance_reduction.specs import study_causality  # noqa: E402
from pgpipe.statistics import share_interval  # noqa: E402

PAGE = ROOT / "docs/calibration.md"
RUNS, RUNS_WITH_A_MISTAKE = 200, 20

Tables = dict[str, pd.DataFrame]
Policies = Mapping[str, Tensor]

# Parameters at which everything is measured: where the default lecture begins, and some way off.
POLICIES = {
    "bandit": {"untrained": [1.0, 1.0], "half_trained": [0.5, 0.8]},
    "coin": {"untrained": [0.0, 0.0], "half_trained": [-0.3, 0.4]},
    "line": {"untrained": [-0.3, 0.5], "half_trained": [-0.5, 0.4]},
}
# Statements that are true at these policies, whatever the seed.
TRUE = ("C1", "C4", "C9", "C12", "C28", "C30", "C31", "C32")


@dataclass(frozen=True)
class Mistake:
    """What is put in: a factor of the exact J and ∇J, one of all estimates, an exponent of errors by N."""

    name: str
    exact: float = 1.0
    estimates: float = 1.0
    exponent: float = 0.0  # added to that of the error's fall
    seen_by: tuple[str, ...] = ()


NONE = Mistake("none")
MISTAKES = (
    Mistake("gradient estimates 15 % too long", estimates=1.15, seen_by=("C4",)),  # 5 % is C4's margin
    Mistake("gradient estimates 25 % too long", estimates=1.25, seen_by=("C4",)),
    Mistake("gradient estimates of the wrong sign", estimates=-1.0, seen_by=("E11", "E18", "E19", "C4")),
    Mistake("exact J and ∇J 5 % too large", exact=1.05, seen_by=("E2", "C1")),
    Mistake("errors that fall like N^-0.7", exponent=-0.2, seen_by=("C1", "C28")),
)


@cache
def config_of(seed: int) -> Config:
    """The default lecture's, with fewer replicates, in the environments above."""
    exact = list(POLICIES)
    changes = {
        "seed": seed,
        "resamples": 400,
        "gradient_study": {"environments": exact, "replicates": 100},
        "objective_study": {"environments": exact, "replicates": 200},
        "convergence_study": {"environments": exact, "n_trajectories": [4, 16, 64, 256]},
        "causality_study": {"environments": exact},
        "off_policy_study": {"environments": ["bandit"], "replicates": 100},
        "return_shift": {"replicates": 200},
        "trajectory_study": {"n_trajectories": 4000},
    }
    return read_config(Config, ROOT / "config.yaml", [changes])


def tables_of(seed: int, mistake: Mistake = NONE) -> Tables:
    """The tables of all studies that need no training, for this seed."""
    run = partial(_run, config_of(seed))
    parts: list[Tables] = [{"estimators": run(gradients.list_estimators)}]
    parts += [{"trajectory_identities": run(check_identities, dynamics)} for dynamics in ("line", "grid")]
    parts.append(run(shift_returns))
    for environment, given in POLICIES.items():
        policies = {stage: torch.tensor(theta, dtype=torch.float64) for stage, theta in given.items()}
        parts += _gradient_tables(partial(run, policies=policies), environment, mistake)
    parts.append(run(study_off_policy, "bandit", policies=policies))
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: pd.concat([part[name] for part in parts if name in part], ignore_index=True) for name in names
    }


def _gradient_tables(run: Callable[..., Any], environment: str, mistake: Mistake) -> Iterable[Tables]:
    """Those that are measured at an environment's policies."""
    reference = {k: mistake.exact * v for k, v in run(gradients.compute_reference, environment).items()}
    rollouts = run(gradients.collect_rollouts, environment)
    found = run(gradients.estimate_gradients, environment, rollouts=rollouts)
    estimates = {name: mistake.estimates * rows for name, rows in found.items()}
    stages = pd.DataFrame({"policy": list(POLICIES[environment])})
    compared = {"policies": stages, "reference": reference, "estimates": estimates}
    yield run(gradients.compare_gradients, environment, **compared)
    yield run(gradients.derive_variances, environment)
    yield run(study_causality, environment, rollouts=rollouts)
    errors = run(measure_objective, environment, reference=reference)
    yield {"objective_error": _steeper(errors, mistake.exponent)}
    yield {"gradient_convergence": _steeper(run(follow_gradient, environment), mistake.exponent)}


def _steeper(errors: pd.DataFrame, exponent: float) -> pd.DataFrame:
    factor = errors["n_trajectories"] ** exponent
    columns = ["rmse", "rmse_low", "rmse_high"]
    return errors.assign(**{name: errors[name] * factor for name in columns})


def _run(config: Config, job: Callable[..., Any], *wildcards: str, **inputs: Any) -> Any:
    """Call what a rule's job would call, with those of these inputs that it asks for."""
    call = job(config, *wildcards)
    function = getattr(import_module(call.module), job.__name__)
    known = {"spec": call.spec, **inputs}
    return function(**{name: known[name] for name in signature(function).parameters})


def outcome(seed: int, mistake: Mistake = NONE) -> dict[str, str]:
    """By the id of a check or claim: passed or failed, supported, refuted or undecided."""
    torch.set_num_threads(1)
    tables, found = tables_of(seed, mistake), dict[str, str]()
    for section in section_files():
        evidence = evaluate(section.name, [import_module(name) for name in section.modules], tables)
        for check in evidence["checks"]:
            before = found.get(check["id"], "passed")
            found[check["id"]] = before if check["passed"] else "failed"
        found |= {claim["id"]: claim["verdict"] for claim in evidence["claims"]}
    return found


def tally(mistake: Mistake, runs: int) -> dict[str, Counter[str]]:
    """For each check and claim how often it came out how."""
    counts: dict[str, Counter[str]] = {}
    with ProcessPoolExecutor() as pool:
        for found in pool.map(partial(outcome, mistake=mistake), range(runs)):
            for id, word in found.items():
                counts.setdefault(id, Counter())[word] += 1
    return counts


def page(true: Mapping[str, Counter[str]], planted: Mapping[str, Mapping[str, Counter[str]]]) -> str:
    """The numbers, as Markdown."""
    lines = [HEAD, "| check | runs | runs in which it failed |", "|---|---:|---:|"]
    for id in sorted((id for id in true if id[0] == "E"), key=lambda id: int(id[1:])):
        lines.append(f"| {id} | {true[id].total()} | {true[id]['failed']} |")
    lines += [
        "",
        TRUE_HEAD,
        "| claim | runs | supported | undecided | refuted | 95 % interval of the last share |",
    ]
    lines.append("|---|---:|---:|---:|---:|---|")
    for id in TRUE:
        words, runs = true[id], true[id].total()
        share = share_interval(words["refuted"], runs)
        numbers = " | ".join(str(words[word]) for word in ("supported", "undecided", "refuted"))
        lines.append(f"| {id} | {runs} | {numbers} | {share.low:.2%} to {share.high:.2%} |")
    lines += ["", PLANTED_HEAD, "| mistake | seen by | runs | runs that saw it |", "|---|---|---:|---:|"]
    for mistake in MISTAKES:
        for id in mistake.seen_by:
            words = planted[mistake.name][id]
            lines.append(
                f"| {mistake.name} | {id} | {words.total()} | {words['failed'] + words['refuted']} |"
            )
    return "\n".join(lines) + "\n"


HEAD = f"""\
# Calibration

How often checks fail and claims err where the truth is known. `make calibration` writes this page: {RUNS}
seeds of the lecture's studies at fixed policies of {", ".join(POLICIES)}, where J and ∇J are exact, with
fewer replicates than the default lecture has.

## Equations hold

A check is promised to fail in one of ten thousand runs at most. An equation with several checks fails with
any.
"""
TRUE_HEAD = """\
## True statements

These are true at the policies that are given, whatever the seed. "Refuted" is an error.
"""
PLANTED_HEAD = """\
## Mistakes that are put in

Each has to be seen by the checks and claims named: a check fails, a claim is refuted.
"""

if __name__ == "__main__":
    found = tally(NONE, RUNS)
    mistaken = {mistake.name: tally(mistake, RUNS_WITH_A_MISTAKE) for mistake in MISTAKES}
    PAGE.write_text(page(found, mistaken), "utf-8")
