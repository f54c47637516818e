"""Somebody's episodes in the place of the behaviour's: read, and given probabilities where they have none."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor
from typing_extensions import TypedDict

from pgpipe.datasets.episodes import Format, open_dataset, read_episodes
from pgpipe.datasets.likelihood import Fit, fit
from pgpipe.datasets.loading import as_trajectories, recorded
from pgpipe.datasets.places import linked
from pgpipe.envs.single import arguments, make
from pgpipe.envs.spec import SampledSpec
from pgpipe.estimators.ratios import log_probs
from pgpipe.lecture.common.placing import placed
from pgpipe.policies.spec import Stage
from pgpipe.rollout import policy_for
from pgpipe.seeding import stream
from pgpipe.statistics import mean_interval
from pgpipe.trajectories import Trajectories


class DatasetSpec(TypedDict):
    """A Minari dataset by its content, and the key of its infos that holds log π(a|s)."""

    checksum: str
    log_probs: str | None  # None: they are fitted, whatever it has


class ReadSpec(SampledSpec):
    """The dataset of an environment."""

    policy: Stage
    dataset: DatasetSpec


@dataclass(frozen=True)
class Data:
    """Episodes (N, T) in a shuffled order, and log π(a|s) of their actions, zero on padding."""

    batch: Trajectories
    recorded: Tensor | None  # as the dataset has it
    fitted: Tensor  # by the likeliest policy of the environment's kind

    def tensors(self) -> dict[str, Tensor]:
        """For a safetensors file."""
        logs = {"fitted": self.fitted} | ({} if self.recorded is None else {"recorded": self.recorded})
        return self.batch.tensors() | logs

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> "Data":
        """Undo `tensors`."""
        return cls(Trajectories.from_tensors(tensors), tensors.get("recorded"), tensors["fitted"])

    def whole(self, n: int) -> "Batches":
        """As many whole batches of n as there are, one after the other."""
        rows = self.batch.n_trajectories // n * n
        logs = None if self.recorded is None else self.recorded[:rows]
        parts = {name: value.unflatten(0, (-1, n)) for name, value in self.batch.first(rows).fields.items()}
        return Batches(Trajectories(**parts), logs, self.fitted[:rows])


@dataclass(frozen=True)
class Batches:
    """The same as batches (R, N, T), the probabilities for all of them as one (R N, T)."""

    batches: Trajectories
    recorded: Tensor | None
    fitted: Tensor

    @property
    def log_probs(self) -> Tensor:
        """Those that the study goes by."""
        return self.fitted if self.recorded is None else self.recorded


def read_dataset(spec: ReadSpec) -> dict[str, Any]:
    """The episodes of an environment's dataset, and a row on what they are."""
    environment, policy = spec["environment"], policy_for(spec["environment"])
    with closing(make(environment["id"], arguments(environment))) as env:
        wanted = Format(env.observation_space, env.action_space, None, spec["dataset"]["log_probs"])
    folder = linked(spec["dataset"]["checksum"])
    words = (environment["name"], "off_policy", "dataset")
    every = list(read_episodes(folder, wanted))
    order = stream(spec["seed"], *words, "order").permutation(len(every))
    episodes = [every[i] for i in order]
    batch = as_trajectories(policy, episodes)
    found = fit(policy, policy.initial(stream(spec["seed"], *words, "fit")), batch)
    known = Data(batch, recorded(batch.mask, episodes), log_probs(policy, found.theta, batch))
    row = {"dataset": open_dataset(folder).id, **_row(known, found)}
    place = {"environment": environment["name"], "policy": spec["policy"]}
    return {"dataset": known.tensors(), "off_policy_data": placed(pd.DataFrame([row]), place)}


def _row(known: Data, found: Fit) -> Mapping[str, Any]:
    """What the episodes are, and how good the fit to them is."""
    ours = found.log_likelihood
    row: dict[str, Any] = {
        "episodes": known.batch.n_trajectories,
        "steps": int(known.batch.mask.sum()),
        "longest": int(known.batch.lengths.max()),
        "mean_return": float(known.batch.returns.double().mean()),
        "probabilities": "fitted" if known.recorded is None else "recorded",
        **mean_interval(ours.numpy()).columns("fitted"),
    }
    if known.recorded is None:
        apart = dict.fromkeys(("recorded", "kl", "kl_low", "kl_high"), np.nan)
    else:
        theirs = known.recorded[found.held_out].sum(-1)
        apart = {"recorded": float(theirs.mean()), **mean_interval((theirs - ours).numpy()).columns("kl")}
    return row | apart | {"held_out": len(ours)}
