"""The table of single estimates is what the study estimated, batch by batch."""

import pandas as pd
import torch
from samples import LINE

from pgpipe.lecture.gradients.samples import SamplesSpec, list_samples

SPEC: SamplesSpec = {"environment": LINE, "estimators": ["one", "two"], "batch_size": 32, "batches": 2}


def listed(stages):
    estimates = {
        f"{name}.{stage}.32": scale * torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        for name, scale in (("one", 1), ("two", 10))
        for stage in stages
    }
    reference = {f"{stage}.gradients": torch.tensor([[-4.0, -17.0]], dtype=torch.float64) for stage in stages}
    return list_samples(SPEC, pd.DataFrame({"policy": stages}), reference, estimates)


def test_estimates_of_the_first_batches_stand_beside_the_gradient():
    table = listed(["untrained", "half_trained", "trained"])
    assert set(table["policy"]) == {"half_trained"}
    one = table[table["estimator"] == "one"]
    assert one[["batch", "parameter", "value", "exact"]].to_numpy().tolist() == [
        [0, "k", 1.0, -4.0],
        [0, "sigma", 2.0, -17.0],
        [1, "k", 3.0, -4.0],
        [1, "sigma", 4.0, -17.0],
    ]
    assert (table.loc[table["estimator"] == "two", "value"].to_numpy() == 10 * one["value"].to_numpy()).all()


def test_without_training_the_policy_is_the_untrained_one():
    assert set(listed(["untrained"])["policy"]) == {"untrained"}
