"""The behaviour's rollouts as a Minari dataset, for others, and for the study itself to be read back."""

from collections.abc import Mapping
from contextlib import closing

from torch import Tensor

from pgpipe.datasets.writing import dataset_files
from pgpipe.envs.single import arguments, make
from pgpipe.envs.spec import SampledSpec
from pgpipe.estimators.ratios import log_probs
from pgpipe.policies.spec import Stage
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories


class ExportSpec(SampledSpec):
    """The stage of training that samples, and how much."""

    policy: Stage
    batch_size: int
    replicates: int


def export_dataset(spec: ExportSpec, policies: Mapping[str, Tensor]) -> dict[str, bytes]:
    """The files of a dataset: the batches of the off-policy study, one after the other."""
    environment, stage = spec["environment"], spec["policy"]
    theta, size = policies[stage], (spec["replicates"], spec["batch_size"])
    parts = sample_batches(environment, theta, spec["seed"], ("off_policy", stage), *size)
    batch = Trajectories.concatenate(list(parts)).joined()
    logs = log_probs(policy_for(environment), theta, batch)
    words = {
        "algorithm_name": f"pgpipe, {environment['policy']['kind']} policy, {stage}",
        "description": "Actions are as the policy chose them; infos hold the log-probability of each.",
        # no episode has a seed of its own: a batch draws from the stream of these words and its number
        "pgpipe": {
            "seed": spec["seed"],
            "stream": [environment["name"], "off_policy", stage],
            "batches": spec["replicates"],
            "episodes_per_batch": spec["batch_size"],
            "environment": dict(environment),
            "theta": theta.double().tolist(),
        },
    }
    with closing(make(environment["id"], arguments(environment))) as env:
        return dataset_files(batch, logs, env, dataset_id(environment["name"], stage), words)


def dataset_id(environment: str, stage: str) -> str:
    """What Minari calls it: the folder that it lies in, from the folder of all."""
    return f"{environment}/{stage}-v0"
