"""What a dataset is good for: does it hold what targets do, and what does it cost to fit probabilities?"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pgpipe.datasets.likelihood import fit
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.ratios import log_probs
from pgpipe.lecture.common.placing import placed
from pgpipe.lecture.off_policy.data import Batches, Data
from pgpipe.lecture.off_policy.gradients import Compared, estimates
from pgpipe.lecture.off_policy.problem import Problem, Target, collected, split_ratios, targets
from pgpipe.lecture.off_policy.support import support_row
from pgpipe.lecture.off_policy.tables import OffPolicySpec, unknown
from pgpipe.lecture.off_policy.weights import weight_rows
from pgpipe.seeding import stream
from pgpipe.statistics import resample_counts
from pgpipe.trajectories import Trajectories

# Up to so many parameters a policy is also fitted to every batch by itself.
FEW_PARAMETERS = 64

Row = dict[str, Any]


def study_dataset(
    spec: OffPolicySpec, policies: Mapping[str, Tensor], dataset: dict[str, Tensor]
) -> dict[str, pd.DataFrame]:
    """A dataset seen from each target: what of it is there, and what probabilities are worth."""
    problem = Problem.from_spec(spec, policies[spec["policy"]])
    pool = collected(problem, ("off_policy", spec["policy"]), spec["replicates"], spec["batch_size"])
    asked = list(targets(problem, spec, pool.joined()))
    data, seen = Data.from_tensors(dataset).whole(spec["batch_size"]), unknown(problem)
    place = {"environment": spec["environment"]["name"], "policy": spec["policy"]}
    whole = data.batches.joined()
    support = []
    for target in asked:
        weights = weight_rows(seen, target, seen.ratios(target.theta, whole, data.log_probs)["log_ratios"])
        support.append(support_row(seen, target, whole, weights))
    sources = _sources(spec, seen, data)
    rows = [row for target in asked for row in _cost_rows(spec, seen, target, data.batches, sources)]
    return {
        "off_policy_support": placed(pd.DataFrame(support), place),
        "off_policy_probabilities": placed(pd.DataFrame(rows), place),
    }


def _cost_rows(
    spec: OffPolicySpec,
    problem: Problem,
    target: Target,
    batches: Trajectories,
    sources: Mapping[str, Tensor],
) -> Iterator[Row]:
    """Rows of `off_policy_probabilities.csv` at one target: every estimator by every source of log π(a|s)."""
    each, whole, size = batches.split(), batches.joined(), (spec["replicates"], spec["batch_size"])
    rng = stream(spec["seed"], spec["environment"]["name"], "off_policy", "resamples")
    counts = resample_counts(len(each), spec["resamples"], rng)
    words = ("off_policy", "reference", target.direction, f"{target.distance:g}")
    reference = problem.gradient(target.theta, words, *size).numpy()
    scale = problem.gradient(problem.theta, ("off_policy", "own"), *size).numpy().mean(0)
    compared = Compared(reference, float(np.linalg.norm(scale)), counts)
    group = {
        name: Estimator.from_spec(line, problem.gamma)
        for name, line in spec["group"].items()
        if line["importance"] != "none"
    }
    found = {}
    for source, old in sources.items():
        ratios = split_ratios(problem.ratios(target.theta, whole, old), each)
        found[source] = estimates(problem, target.theta, each, ratios, group)
    for name in group:
        for source, by_name in found.items():
            yield {
                "direction": target.direction,
                "distance": target.distance,
                "estimator": name,
                "probabilities": source,
                **_compared(compared, by_name[name], found.get("recorded", {}).get(name), source),
                "replicates": len(each),
                "batch_size": size[1],
            }


def _compared(compared: Compared, rows: Any, recorded: Any, source: str) -> Row:
    """Bias and standard deviation, and both beside those by recorded probabilities on the same batches."""
    every = compared.row(rows, None)
    kept = {
        f"{what}{end}": every[f"{what}{end}"] for what in ("bias", "std") for end in ("", "_low", "_high")
    }
    others = None if source == "recorded" else recorded
    gap, ratio = compared.gap(rows, others), compared.variance_ratio(rows, others)
    return {**kept, **gap.columns("gap"), **ratio.columns("variance_ratio")}


def _sources(spec: OffPolicySpec, problem: Problem, data: Batches) -> dict[str, Tensor]:
    """log π(a|s) of all actions (R N, T), by where it comes from."""
    known = {} if data.recorded is None else {"recorded": data.recorded}
    known["fitted"] = data.fitted
    if problem.policy.n_parameters <= FEW_PARAMETERS:
        known["fitted by batch"] = _by_batch(spec, problem, data)
    return known


def _by_batch(spec: OffPolicySpec, problem: Problem, data: Batches) -> Tensor:
    """Those of a policy fitted to each batch alone, as if there were no other: so the fit's chance counts."""
    words = (spec["environment"]["name"], "off_policy", "dataset", "fit")
    start = problem.policy.initial(stream(spec["seed"], *words))
    logs = torch.zeros_like(data.fitted).unflatten(0, (-1, spec["batch_size"]))  # (R, N, T)
    for row, batch in zip(logs, data.batches.split(), strict=True):
        theta = fit(problem.policy, start, batch).theta
        row[:, : batch.mask.shape[1]] = log_probs(problem.policy, theta, batch)
    return logs.flatten(0, 1)
