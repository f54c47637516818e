"""The table of single estimates is what the study estimated, batch by batch."""

import pandas as pd
import torch
from samples import LINE

from pgpipe.lecture.gradients.samples import SamplesSpec, list_samples

SPEC: SamplesSpec = {"environment": LINE, "estimators": ["one", "two"], "batch_sizes": [8, 32], "batches": 2}


def listed(stages):
    estimates = {
        f"{name}.{stage}.{n}": scale * torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        for name, scale in (("one", 1), ("two", 10))
        for stage in stages
        for n in (8, 32)
    }
    reference = {f"{stage}.gradients": torch.tensor([[-4.0, -17.0]], dtype=torch.float64) for stage in stages}
    return list_samples(SPEC, pd.DataFrame({"policy": stages}), reference, estimates)


def first(table):
    """The rows that P3 shows."""
    return table[
        (table["policy"] == table["policy"].iloc[0]) & (table["batch_size"] == table["batch_size"].iloc[0])
    ]


def test_estimates_of_the_first_batches_stand_beside_the_gradient():
    table = first(listed(["untrained", "half_trained", "trained"]))
    assert set(table["policy"]) == {"half_trained"}
    assert set(table["batch_size"]) == {32}
    one = table[table["estimator"] == "one"]
    assert one[["batch", "parameter", "value", "exact"]].to_numpy().tolist() == [
        [0, "k", 1.0, -4.0],
        [0, "sigma", 2.0, -17.0],
        [1, "k", 3.0, -4.0],
        [1, "sigma", 4.0, -17.0],
    ]
    assert (table.loc[table["estimator"] == "two", "value"].to_numpy() == 10 * one["value"].to_numpy()).all()


def test_without_training_the_policy_is_the_untrained_one():
    assert set(first(listed(["untrained"]))["policy"]) == {"untrained"}


def test_every_stage_and_size_is_there_with_fewer_batches(monkeypatch):
    monkeypatch.setattr("pgpipe.lecture.gradients.samples.FEWER", 1)
    table = listed(["untrained", "half_trained", "trained"])
    batches = table.groupby(["policy", "batch_size"])["batch"].nunique()
    assert len(batches) == 6
    assert batches.pop(("half_trained", 32)) == 2
    assert set(batches) == {1}
