"""Many independent batches of one policy, in pieces that fit the memory."""

import logging
from collections.abc import Iterator
from contextlib import closing

from torch import Tensor

from pgpipe.envs.parallel import ParallelEpisodes
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.faults import first_fault
from pgpipe.rollout import policy_for, rollout
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories

LOG = logging.getLogger(__name__)

EPISODES_AT_A_TIME = 2_048


def sample_batches(
    environment: EnvironmentSpec, theta: Tensor, seed: int, words: tuple[str, ...], replicates: int, n: int
) -> Iterator[Trajectories]:
    """Yield `replicates` independent batches of n episodes sampled at theta (P,), as (R', n, T) in turn.

    Batch r draws from the streams that the environment's name, `words` and r name, so neither the number of
    batches nor how they are grouped changes any of them.
    """
    policy = policy_for(environment)
    # where episodes run one at a time, rows that wait would only be computed with
    together = 1 if environment.get("single") else max(1, EPISODES_AT_A_TIME // n)
    for start in range(0, replicates, together):
        batches = range(start, min(start + together, replicates))
        name = environment["name"]
        with closing(ParallelEpisodes(environment, len(batches), n)) as episodes:
            made = rollout(
                policy,
                theta.expand(len(batches), -1),
                episodes,
                [stream(seed, name, *words, "environment", batch) for batch in batches],
                [stream(seed, name, *words, "actions", batch) for batch in batches],
            )
        if episodes.stepped_in_turn:
            for batch, one in zip(batches, made.split(), strict=True):
                if fault := first_fault(one):
                    LOG.warning("%s, batch %d of %s: %s", name, batch, " ".join(words), fault)
        yield made
