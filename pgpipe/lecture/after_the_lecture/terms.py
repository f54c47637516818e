"""What a gradient's variance is made of: states, actions, the rest (P24, Tucker et al. 2018)."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.envs.spec import EnvironmentSpec, LinearEnvironmentSpec
from pgpipe.intervals import Interval
from pgpipe.lecture.after_the_lecture.nested import TERMS, pair_terms
from pgpipe.oracles import grid_terms, line_terms
from pgpipe.oracles.variance_terms import VarianceTerms
from pgpipe.rollout import policy_for
from pgpipe.seeding import stream
from pgpipe.statistics import mean_interval


class TermsSpec(TypedDict):
    """An environment, the module that knows its Q if there is one, and how much is sampled."""

    seed: int
    environment: EnvironmentSpec
    module: str | None
    pairs: int
    every: int


def split_variance(spec: TermsSpec, policies: Mapping[str, Tensor]) -> pd.DataFrame:
    """The table `variance_terms`: exact where terms are known, nested where actions can be listed."""
    rows = []
    for name, theta in policies.items():
        place = {"environment": spec["environment"]["name"], "policy": name}
        rows += [place | row for row in (*_exact(spec, theta), *_nested(spec, name, theta))]
    return pd.DataFrame(rows)


def _exact(spec: TermsSpec, theta: Tensor) -> Iterator[dict[str, Any]]:
    """The sums over all parameters of the terms that an oracle knows, and of what is between the steps."""
    if spec["module"] is None:
        return
    for baseline, less_value in (("none", False), ("value", True)):
        terms = _known_terms(spec["environment"], theta, less_value)
        for term in (*TERMS, "between"):
            value = float(getattr(terms, term).sum())
            yield _row(baseline, term, "exact", Interval.over_cases(value, [value], 1))


def _known_terms(environment: Any, theta: Tensor, less_value: bool) -> VarianceTerms:
    at = theta.double().numpy()
    if environment["id"] == "pgpipe/Line-v0":
        own: LinearEnvironmentSpec = environment
        return line_terms.terms(at, own, less_value)
    return grid_terms.terms(at, environment, less_value)


def _nested(spec: TermsSpec, name: str, theta: Tensor) -> Iterator[dict[str, Any]]:
    """By nested sampling, where a policy's actions can be listed."""
    environment = spec["environment"]
    if environment["policy"]["kind"] not in ("softmax_table", "categorical_mlp"):
        return
    rng = stream(spec["seed"], environment["name"], "variance_terms", name)
    found = pair_terms(policy_for(environment), theta, environment, spec["pairs"], spec["every"], rng)
    for (term, baseline), values in found.items():
        yield _row(baseline, term, "nested", mean_interval(np.asarray(values)))


def _row(baseline: str, term: str, kind: str, interval: Interval) -> dict[str, Any]:
    return {"baseline": baseline, "term": term, "kind": kind, "n": interval.n} | interval.columns("value")
