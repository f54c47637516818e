"""What a group's baseline makes of E ĝ, measured on rollouts beside what is exact (P18, E43, E44, E45)."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import trajectory_estimates
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.lecture.after_the_lecture.angles import Plane, mean_together, together
from pgpipe.lecture.after_the_lecture.group_identities import group_identities
from pgpipe.oracles import groups, prompts
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches

Floats = NDArray[np.float64]

AT_A_TIME = 8_192  # episodes in a batch
CURVE = [round(float(p), 6) for p in 1 / (1 + np.exp(np.linspace(4.6, -4.6, 47)))]  # from 1 to 99 %


class GroupsSpec(TypedDict):
    """Success probabilities, sizes of groups, rollouts behind a point, forms by the oracle's names."""

    seed: int
    environment: EnvironmentSpec  # one prompt, one token; targets and group are replaced
    successes: list[float]
    sizes: list[int]
    trajectories: int
    forms: dict[str, PlainEstimatorSpec]


def measure_groups(spec: GroupsSpec) -> dict[str, pd.DataFrame]:
    """E ĝ over ∇p at every success probability, and how several prompts turn it."""
    ratios = group_ratios(spec)
    return {
        "group_ratios": ratios,
        "group_curves": group_curves(spec["sizes"]),
        "group_directions": group_directions(spec),
        "group_identities": group_identities(spec, ratios),
    }


def group_ratios(spec: GroupsSpec) -> pd.DataFrame:
    """Rows of `group_ratios.csv`: one prompt of success p, groups of G, by form."""
    looks = len(spec["successes"]) * len(spec["sizes"]) * len(spec["forms"])
    parts = []
    for p in spec["successes"]:
        for G in spec["sizes"]:
            environment, theta = problem(spec["environment"], [p], G)
            _, gradient = prompts.exact(theta, environment)
            for form, rows in measured(spec, environment, theta).items():
                found = mean_together(rows @ gradient / (gradient @ gradient), looks)
                exact = {"success": p, "group_size": G, "form": form, "exact": groups.ratio(form, G, p)}
                parts.append(exact | found.named("ratio", "low", "high") | {"groups": found.n})
    return pd.DataFrame(parts)


def group_curves(sizes: Sequence[int]) -> pd.DataFrame:
    """Rows of `group_curves.csv`: c_G(p) over all success probabilities, and its limit."""
    rows = [(p, G, groups.ratio("normalized", G, p), groups.ratio_limit(p)) for G in sizes for p in CURVE]
    return pd.DataFrame(rows, columns=["success", "group_size", "exact", "limit"])


def group_directions(spec: GroupsSpec) -> pd.DataFrame:
    """Rows of `group_directions.csv`: all these prompts together, by form: how far E ĝ turns from ∇J.

    The angle is that in the plane of ∇J and of what normalising makes of it in groups without end.
    """
    looks = len(spec["sizes"]) * len(spec["forms"])
    parts = []
    for G in spec["sizes"]:
        environment, theta = problem(spec["environment"], spec["successes"], G)
        outcomes, (_, gradient) = prompts.outcomes(theta, environment), prompts.exact(theta, environment)
        plane = Plane.through(
            gradient, _weighed(gradient, [groups.ratio_limit(p) for p in spec["successes"]])
        )
        for form, rows in measured(spec, environment, theta).items():
            mean = groups.batch_moments(outcomes, form, G).mean
            found = together(plane.measured(rows), looks)
            exact = {
                "group_size": G,
                "form": form,
                "exact": plane.degrees(mean),
                "exact_cosine": _cosine(mean, gradient),
            }
            parts.append(exact | found.named("degrees", "low", "high") | {"groups": found.n})
    limit = _weighed(gradient, [groups.ratio_limit(p) for p in spec["successes"]])
    return pd.DataFrame(parts).assign(
        prompts=len(spec["successes"]), limit=plane.degrees(limit), limit_cosine=_cosine(limit, gradient)
    )


def problem(
    environment: EnvironmentSpec, successes: Sequence[float], group: int
) -> tuple[EnvironmentSpec, Floats]:
    """A prompt for each success probability, whose right response is one token, and a table with these."""
    kwargs = {"targets": [1] * len(successes), "vocabulary": 1, "limit": 1}
    logits = np.zeros((len(successes), 2, 2))  # (prompt, sum so far, stop or write)
    logits[:, 0, 1] = np.log(successes) - np.log1p(-np.array(successes))
    return {**environment, "kwargs": kwargs, "group": group}, logits.ravel()


def measured(spec: GroupsSpec, environment: EnvironmentSpec, theta: Floats) -> dict[str, Floats]:
    """The estimate of every single group of fresh rollouts, by form.  -> {form: (groups, P)}."""
    rows: dict[str, list[Floats]] = {form: [] for form in spec["forms"]}
    for form, found in _estimates(spec, environment, torch.from_numpy(theta)):
        rows[form].append(found)
    return {form: np.concatenate(parts) for form, parts in rows.items()}


def _estimates(
    spec: GroupsSpec, environment: EnvironmentSpec, theta: torch.Tensor
) -> Iterator[tuple[str, Floats]]:
    policy, G = policy_for(environment), environment["group"]
    estimators = {
        form: Estimator.from_spec(line, environment["gamma"]) for form, line in spec["forms"].items()
    }
    words = ("groups", str(environment["kwargs"]["targets"]), repr(theta.tolist()), str(G))
    replicates = max(1, spec["trajectories"] // AT_A_TIME)
    n = spec["trajectories"] // replicates // G * G
    for made in sample_batches(environment, theta, spec["seed"], words, replicates, n):
        for batch in made.split():
            assert batch.group is not None
            for form, estimator in estimators.items():
                rows = trajectory_estimates(policy, theta, batch, estimator)
                sums = rows.new_zeros(n // G, rows.shape[1]).index_add(0, batch.group, rows)
                yield form, sums.numpy() / G


def _weighed(gradient: Floats, factors: Sequence[float]) -> Floats:
    """∇J, each prompt's part of it times a factor."""
    return (gradient.reshape(len(factors), -1) * np.array(factors)[:, None]).ravel()


def _cosine(x: Floats, y: Floats) -> float:
    return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))
