"""Return and direction by batch size: what steps are worth, and what an update is (P13, C19)."""

from collections.abc import Mapping
from importlib import import_module
from sys import maxsize
from typing import Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import ReadOnly, TypedDict

from pgpipe.lecture.gradients.bias import Reference
from pgpipe.lecture.practice.replicates import replicate_gradients
from pgpipe.lecture.practice.stages import stages_of, trained_return
from pgpipe.statistics import cosines
from pgpipe.training.loop import Training
from pgpipe.training.spec import TrainingSpec

Floats = NDArray[np.float64]

BUDGETS: tuple[Literal["env_steps", "updates"], ...] = ("env_steps", "updates")


class InStepsSpec(TrainingSpec):
    """A training whose batches are counted in steps."""

    episodes: ReadOnly[None]
    steps: ReadOnly[int]


class BatchSizeSpec(TypedDict):
    """One batch size of a recipe, in its `training`; the budgets, and how much is measured."""

    training: InStepsSpec
    seeds: list[int]
    env_steps: int
    updates: int
    episodes: int
    replicates: int


class StagesSpec(TypedDict):
    """How many seeds follow a recipe's `path`, and to which shares of the way.

    `training` is the recipe with the reference's batch, `module` what knows ∇J instead, if anything does.
    """

    training: InStepsSpec
    path: TrainingSpec
    module: str | None
    seeds: list[int]
    stages: list[float]
    reference_batches: int
    episodes: int


def measure_batch_size(spec: BatchSizeSpec, stages: Mapping[str, Tensor]) -> dict[str, pd.DataFrame]:
    """Train with one batch size, and hold the gradients of such batches against the reference."""
    return {"returns": batch_returns(spec), "cosines": batch_cosines(spec, stages)}


def batch_returns(spec: BatchSizeSpec) -> pd.DataFrame:
    """Train with one batch size; each seed's return when the steps, and when the updates are used up.

    One row for each seed and budget.
    """
    # the budgets end it, not the recipe
    training = Training({**spec["training"], "updates": maxsize}, spec["seeds"])
    rows, left = [], list(BUDGETS)
    for _ in training.updates():
        # whole episodes: a batch is a little more than its size, so the steps that were made are counted
        used = {"env_steps": float(training.env_steps.double().mean()), "updates": training.n_updates}
        for budget in [name for name in left if used[name] >= spec[name]]:
            returns = training.evaluate(spec["episodes"]).tolist()
            rows += [
                (budget, seed, training.n_updates, steps, found)
                for seed, steps, found in zip(
                    spec["seeds"], training.env_steps.tolist(), returns, strict=True
                )
            ]
            left.remove(budget)
        if not left:
            break
    table = pd.DataFrame(rows, columns=["budget", "seed", "update", "env_steps", "return"])
    table.insert(0, "batch_steps", spec["training"]["steps"])
    table.insert(0, "environment", spec["training"]["environment"]["name"])
    return table


def reach_stages(spec: StagesSpec, policies: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Policies of many seeds that have come equally far, and ∇J at each: exact, or from large batches.

    The way leads to the return of the trained one of the `policies` (P,). By name `<share>.seeds` (S,),
    `.theta` (S, P), `.reference` (S, P), and `.error` (S,), that of the reference in units of its length.
    """
    found: dict[str, Tensor] = {}
    training = Training(spec["path"], spec["seeds"])
    goal = trained_return(spec["path"], policies["trained"])
    for stage in stages_of(training, spec["stages"], goal, spec["episodes"]):
        references = [
            _reference(spec, stage.share, seed, theta)
            for seed, theta in zip(stage.seeds, stage.theta, strict=True)
        ]
        parts = {
            "seeds": torch.tensor(stage.seeds),
            "theta": stage.theta,
            "reference": torch.from_numpy(np.stack([reference.mean for reference in references])),
            "error": torch.tensor(
                [reference.error**0.5 / (reference.norm or np.nan) for reference in references]
            ),
        }
        found |= {f"{stage.share}.{name}": part for name, part in parts.items()}
    return found


def _reference(spec: StagesSpec, share: float, seed: int, theta: Tensor) -> Reference:
    if spec["module"]:
        exact = import_module(spec["module"]).exact
        return Reference(exact(theta.double().numpy(), spec["training"]["environment"])[1][None])
    words = [("batch_reference", round(1000 * share), seed)]
    found = replicate_gradients(spec["training"], theta[None], words, spec["reference_batches"])
    return Reference(found[0].double().numpy())


def batch_cosines(spec: BatchSizeSpec, stages: Mapping[str, Tensor]) -> pd.DataFrame:
    """Mean cosine to ∇J of the gradients of R batches of one size, for each seed at every stage.

    `stages` are those of `reach_stages`. One row for each stage and seed.
    """
    size, tables = spec["training"]["steps"], []
    for share in sorted({float(name.rpartition(".")[0]) for name in stages}):
        seeds, theta, reference, error = (
            stages[f"{share}.{part}"] for part in ("seeds", "theta", "reference", "error")
        )
        words = [("direction", round(1000 * share), size, seed) for seed in seeds.tolist()]
        found = replicate_gradients(spec["training"], theta, words, spec["replicates"]).double().numpy()
        means = [cosines(of, truth).mean() for of, truth in zip(found, reference.numpy(), strict=True)]
        tables.append(
            pd.DataFrame({"stage": share, "seed": seeds, "cosine": means, "reference_error": error})
        )
    table = pd.concat(tables)
    table.insert(0, "batch_steps", size)
    table.insert(0, "environment", spec["training"]["environment"]["name"])
    return table
