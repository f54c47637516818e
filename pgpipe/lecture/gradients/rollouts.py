"""The rollouts that every estimator of the study shares, at every stage of training."""

from collections.abc import Mapping

from torch import Tensor

from pgpipe.envs.spec import SampledSpec
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories


class RolloutsSpec(SampledSpec):
    """`replicates` batches of n."""

    replicates: int
    n: int


def collect_rollouts(spec: RolloutsSpec, policies: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Independent batches of n episodes at each policy theta (P,), by names that begin with its stage."""
    rollouts: dict[str, Tensor] = {}
    for policy, theta in sorted(policies.items()):
        words = ("study", policy)
        sizes = spec["replicates"], spec["n"]
        batches = sample_batches(spec["environment"], theta, spec["seed"], words, *sizes)
        rollouts |= Trajectories.concatenate(list(batches)).tensors(f"{policy}.")
    return rollouts
