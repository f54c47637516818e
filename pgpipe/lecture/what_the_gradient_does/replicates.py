"""The policies of several training seeds, and batches of each: what the step study repeats itself over."""

import torch
from torch import Tensor

from pgpipe.envs.spec import SampledSpec
from pgpipe.policies.spec import Stage
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.training.loop import train
from pgpipe.training.snapshots import pick_updates
from pgpipe.training.spec import TrainingSpec
from pgpipe.trajectories import Trajectories


class StepsSpec(SampledSpec):
    """At which stage of whose training steps of which length are taken, and from how many batches.

    `policies` counts the training seeds, `batches` those of each seed's policy.
    """

    training: TrainingSpec | None
    policy: Stage
    policies: int
    episodes: int
    batches: int
    permutations: int
    length: float


def stage_policies(spec: StepsSpec) -> Tensor:
    """The policy of each training seed at the stage; without a training, where it starts.  -> (K, P)."""
    environment, seeds = spec["environment"], range(spec["policies"])
    if spec["training"] is None:
        policy, words = policy_for(environment), (environment["name"], "initial")
        return torch.stack([policy.initial(stream(spec["seed"], *words, seed)) for seed in seeds])
    history = list(train(spec["training"], seeds))
    returns = torch.stack([progress.mean_return for progress in history])  # (U + 1, K)
    updates = [pick_updates(returns[:, seed])[spec["policy"]] for seed in seeds]
    return torch.stack([history[update].theta[seed] for seed, update in zip(seeds, updates, strict=True)])


def sampled_batches(theta: Tensor, spec: StepsSpec, seed: int) -> list[Trajectories]:
    """Independent batches of one seed's policy (P,), in double precision."""
    words, sizes = ("steps", spec["policy"], str(seed)), (spec["batches"], spec["episodes"])
    samples = sample_batches(spec["environment"], theta, spec["seed"], words, *sizes)
    return [batch.in_double() for sample in samples for batch in sample.split()]
