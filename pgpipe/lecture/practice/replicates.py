"""Many independent gradients at the same parameters, each from a batch as a training would sample it."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.scores import estimate
from pgpipe.rollout import policy_for, record, recording_of
from pgpipe.seeding import stream
from pgpipe.training.imitation import likelihood_gradient
from pgpipe.training.loop import batches_of
from pgpipe.training.spec import RecipeSpec


def replicate_gradients(
    spec: RecipeSpec,
    theta: Tensor,
    words: Sequence[tuple[str | int, ...]],
    replicates: int,
    teacher: Tensor | None = None,
) -> Tensor:
    """ĝ of R batches at each row of theta (A, P), by a training's spec.  -> (A, R, P).

    With a teacher (P,) it acts, and ĝ is the gradient of the likelihood of its actions (E36). Batch r of row
    i draws from the streams that words[i] and r name.
    """
    environment, policy = spec["environment"], policy_for(spec["environment"])
    rows = theta.repeat_interleave(replicates, 0)  # (A, P) -> (A R, P)
    acting = rows if teacher is None else teacher.to(theta.dtype).expand_as(rows).contiguous()
    episodes = batches_of(spec, len(rows))
    recording = recording_of(policy, episodes, keep_tape=False)
    each = [(*row, replicate) for row in words for replicate in range(replicates)]
    streams = [
        [stream(spec["seed"], environment["name"], what, *of) for of in each]
        for what in ("environment", "actions")
    ]
    record(recording, acting, *streams)
    batches = [recording.batch(row).trajectories for row in range(len(rows))]
    episodes.close()
    estimator = Estimator.from_spec(spec["estimator"], environment["gamma"])
    find = likelihood_gradient if teacher is not None else partial(estimate, estimator=estimator)
    found = [find(policy, row, batch) for row, batch in zip(rows, batches, strict=True)]
    return torch.stack(found).unflatten(0, (len(theta), replicates))
