"""Noise of the policy gradient and of the supervised one, where both have come equally far (P15, C18)."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.lecture.practice.replicates import replicate_gradients
from pgpipe.lecture.practice.stages import stages_of, trained_return
from pgpipe.training.imitation import Imitation
from pgpipe.training.loop import Training
from pgpipe.training.spec import TrainingSpec

Floats = NDArray[np.float64]


class NoiseSpec(TypedDict):
    """A recipe that is learned in both ways, and where and how often its gradient is measured."""

    training: TrainingSpec
    seeds: list[int]
    stages: list[float]
    replicates: int
    episodes: int


def measure_noise(spec: NoiseSpec, policies: Mapping[str, Tensor]) -> pd.DataFrame:
    """Signal and noise of both learners, supervised by the trained one of the policies."""
    return gradient_noise(spec, policies["trained"])


def gradient_noise(spec: NoiseSpec, teacher: Tensor) -> pd.DataFrame:
    """Signal and noise of a batch's gradient at every stage that a seed reaches, learned in both ways.

    The way goes to the return of the teacher (P,). Rows of `gradient_noise.csv`, one for each learner, stage
    and seed.
    """
    recipe, seeds, goal = spec["training"], spec["seeds"], trained_return(spec["training"], teacher)
    alone = _stages(spec, "policy_gradient", Training(recipe, seeds), goal, None)
    taught = _stages(spec, "supervised", Imitation(recipe, seeds, teacher), goal, teacher)
    table = pd.concat([*alone, *taught])
    table.insert(0, "environment", recipe["environment"]["name"])
    return table.assign(goal=goal, replicates=spec["replicates"])


def _stages(
    spec: NoiseSpec, learner: str, training: Training, goal: float, acting: Tensor | None
) -> Iterator[pd.DataFrame]:
    """A table for each stage, of the seeds that reach it."""
    for stage in stages_of(training, spec["stages"], goal, spec["episodes"]):
        names = [(learner, round(1000 * stage.share), seed) for seed in stage.seeds]
        found = replicate_gradients(spec["training"], stage.theta, names, spec["replicates"], acting)
        where = {"learner": learner, "stage": stage.share, "seed": stage.seeds}
        here = {"update": stage.update, "return": stage.returns}
        measured = pd.DataFrame([signal_and_noise(of) for of in found.double().numpy()])
        yield pd.concat([pd.DataFrame(where | here), measured], axis=1)


def signal_and_noise(estimates: Floats) -> dict[str, float]:
    """‖E ĝ‖², V = tr Cov ĝ, their ratio, and the mean cosine of two independent ĝ.  (R, P).

    ‖ḡ‖² - V/R estimates the first without the noise of the mean ḡ, and may come out below zero.
    """
    R, mean = len(estimates), estimates.mean(0)
    variance = float(estimates.var(0, ddof=1).sum())
    signal = float(mean @ mean) - variance / R
    lengths = np.linalg.norm(estimates, axis=1, keepdims=True)
    units = np.divide(estimates, lengths, out=np.zeros_like(estimates), where=lengths != 0)
    total = units.sum(0)
    # the sum over all pairs is the square of the sum, less each one with itself
    cosine = float(total @ total - (units**2).sum()) / (R * (R - 1))
    snr = signal / variance if variance else np.nan
    return {"signal": signal, "variance": variance, "snr": snr, "cosine": cosine}
