"""A dataset that pgpipe exported from a problem whose truth is known gives the off-policy tables once more."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from samples import GRID, LINE, estimator_spec

from pgpipe.datasets.episodes import recorded_keys
from pgpipe.datasets.places import HERE, checksum, link, linked
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.errors import UserError
from pgpipe.lecture.off_policy.data import Data, read_dataset
from pgpipe.lecture.off_policy.export import export_dataset
from pgpipe.lecture.off_policy.probabilities import study_dataset
from pgpipe.lecture.off_policy.problem import Problem, Target, collected, targets
from pgpipe.lecture.off_policy.sentences import whose_rollouts, worth_of_probabilities
from pgpipe.lecture.off_policy.support import never_taken, support_row
from pgpipe.lecture.off_policy.tables import OffPolicySpec, off_policy_tables, unknown, weighted
from pgpipe.lecture.off_policy.weights import weight_rows

pytest.importorskip("minari", reason="the optional group minari is not installed")

GROUP = {
    "reward_to_go": estimator_spec("reward_to_go"),
    "weighted_return": estimator_spec("total_return", importance="trajectory"),
    "per_decision": estimator_spec("reward_to_go", importance="per_decision"),
    "first_order": estimator_spec("reward_to_go", importance="first_order"),
}
BEHAVIOUR = torch.tensor([-0.4, 0.7], dtype=torch.float64)


def spec_of(environment: EnvironmentSpec, replicates: int = 30, batch_size: int = 12) -> OffPolicySpec:
    oracle = f"pgpipe.oracles.{environment['name']}"
    return {
        "seed": 0,
        "environment": environment,
        "policy": "untrained",
        "distances": [0.01, 0.1],
        "random_directions": 0,
        "batch_size": batch_size,
        "replicates": replicates,
        "group": GROUP,
        "yardstick": "weighted_return",
        "causal": None,
        "unbiased": "per_decision",
        "iterated": None,
        "module": oracle,
        "known": f"{oracle}_off_policy",
        "dynamics": None,
        "resamples": 200,
    }


SPEC = spec_of(LINE)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The files of the line's rollouts, in a folder of their own."""
    data = tmp_path_factory.mktemp("exported") / "line/untrained-v0/data"
    data.mkdir(parents=True)
    files = export_dataset(
        {
            "seed": 0,
            "environment": LINE,
            "policy": "untrained",
            "batch_size": SPEC["batch_size"],
            "replicates": SPEC["replicates"],
        },
        {"untrained": BEHAVIOUR},
    )
    (data / "main_data.hdf5").write_bytes(files["main_data"])
    (data / "metadata.json").write_bytes(files["metadata"])
    return data


@pytest.fixture(scope="module")
def read(exported, tmp_path_factory):
    """What the job that reads it makes, by the key of the probabilities."""
    folder = tmp_path_factory.mktemp("run")
    link(exported, checksum(exported), folder / HERE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return {
            key: read_dataset(
                {
                    "seed": 0,
                    "environment": LINE,
                    "policy": "untrained",
                    "dataset": {"checksum": checksum(exported), "log_probs": key},
                }
            )
            for key in ("log_probs", None)
        }


@pytest.fixture(scope="module")
def direct():
    """The tables of the rollouts themselves."""
    return off_policy_tables(SPEC, BEHAVIOUR)


@pytest.fixture(scope="module")
def asked():
    """The problem, as a dataset's behaviour leaves it, and the targets."""
    problem = Problem.from_spec(SPEC, BEHAVIOUR)
    pool = collected(problem, ("off_policy", "untrained"), 4, 12).joined()  # nothing of it is needed here
    return unknown(problem), list(targets(problem, SPEC, pool))


COLUMNS = {"off_policy_weights": ("mean",), "off_policy_gradients": ("bias", "std", "cosine")}


def outside(direct: dict[str, pd.DataFrame], asked, data: Data) -> list[str]:
    """The intervals in a dataset's tables that have nothing in common with those of the direct ones.

    A fit moves an estimate as much as chance does, as it takes away what chance and it have in common.
    """
    whole, found = data.whole(SPEC["batch_size"]), []
    problem, aims = asked
    again = weighted(SPEC, problem, aims, whole.batches, whole.log_probs)
    for (table, columns), rows in zip(COLUMNS.items(), again, strict=True):
        keys = [key for key in ("direction", "distance", "estimator", "horizon") if key in rows]
        both = direct[table].merge(rows, on=keys, suffixes=("", "_again"))
        assert len(both) == len(direct[table]) == len(rows)
        for row in both.to_dict("records"):
            found += [
                f"{column} {[row[key] for key in keys]}"
                for column in columns
                if row[f"{column}_low"] > row[f"{column}_high_again"]
                or row[f"{column}_high"] < row[f"{column}_low_again"]
            ]
    return found


def changed(read, **logs) -> Data:
    tensors = read["log_probs"]["dataset"]
    return Data.from_tensors({**tensors, **{name: change(tensors[name]) for name, change in logs.items()}})


@pytest.mark.parametrize("key", ["log_probs", None], ids=["recorded", "fitted"])
def test_read_back_the_tables_are_within_their_intervals(direct, asked, read, key):
    data = Data.from_tensors(read[key]["dataset"])
    assert (data.recorded is None) == (key is None)
    assert outside(direct, asked, data) == []


def test_recorded_probabilities_give_the_same_weights_and_the_same_mean_gradients(direct, read):
    """The order of the episodes is another, so batches are; what is a mean over all of them is not."""
    again = off_policy_tables(SPEC, BEHAVIOUR, Data.from_tensors(read["log_probs"]["dataset"]))
    for table, column in (("off_policy_weights", "mean"), ("off_policy_gradients", "projection")):
        np.testing.assert_allclose(again[table][column], direct[table][column], rtol=1e-9)
    for table in ("off_policy_identities", "off_policy_paths", "off_policy_limits"):
        pd.testing.assert_frame_equal(again[table], direct[table])
    assert again["off_policy_weights"]["exact_second_moment"].isna().all()


def shuffled(logs):
    """Those of other steps."""
    known = logs != 0
    mixed = logs.clone()
    mixed[known] = logs[known][torch.from_numpy(np.random.default_rng(0).permutation(int(known.sum())))]
    return mixed


MISTAKES = {
    "a factor": lambda logs: 1.1 * logs,
    "probabilities": lambda logs: logs.exp(),
    "of other steps": shuffled,
    "of the step before": lambda logs: logs.roll(1, -1),
    "of the wrong sign": lambda logs: -logs,
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("name", ["recorded", "fitted"])
def test_wrong_probabilities_are_seen(direct, asked, read, mistake, name):
    change = MISTAKES[mistake]
    data = changed(read, **{name: change})
    data = data if name == "recorded" else Data(data.batch, None, data.fitted)
    assert outside(direct, asked, data)


def test_what_a_fit_costs_is_measured(read):
    """The behaviour is of the fitted kind: little, and what there is has an interval and its n."""
    [row] = read["log_probs"]["off_policy_data"].to_dict("records")
    assert (row["episodes"], row["steps"], row["probabilities"]) == (30 * 12, 30 * 12 * 5, "recorded")
    assert row["held_out"] == 30 * 12 // 5
    assert row["kl_low"] <= 0.0 <= row["kl_high"]
    assert abs(row["recorded"] - row["kl"] - row["fitted"]) < 1e-9
    [row] = read[None]["off_policy_data"].to_dict("records")
    assert row["probabilities"] == "fitted"
    assert np.isnan(row["kl"])

    tables = study_dataset(SPEC, {"untrained": BEHAVIOUR}, read["log_probs"]["dataset"])
    costs = tables["off_policy_probabilities"]
    assert set(costs["probabilities"]) == {"recorded", "fitted", "fitted by batch"}
    assert "reward_to_go" not in set(costs["estimator"])  # without weights it asks for no probability
    assert (costs["replicates"] == 30).all()
    recorded = costs["probabilities"] == "recorded"
    assert costs.loc[recorded, "gap"].isna().all()
    fitted = costs[costs["probabilities"] == "fitted"]
    assert fitted["gap_high"].lt(0.5).all()
    assert fitted["variance_ratio"].between(0.5, 2.0).all()
    assert (costs["bias_low"] <= costs["bias"]).all()
    assert (tables["off_policy_support"]["warning"] == "").all()

    said = whose_rollouts(read["log_probs"]["off_policy_data"], tables["off_policy_support"])
    assert said == (
        "On the line the trajectories are 360 episodes of *line/untrained-v0*, with the probabilities that it "
        "records."
    )
    table = worth_of_probabilities(costs)
    assert table.count("\n| the line |") == 9
    assert "0.1 nats along" in table


def test_a_shift_of_all_probabilities_is_a_warning(read, asked):
    """Log-probabilities that lack a constant: every weight is 1.05⁵ = 1.28 times too large."""
    data = changed(read, recorded=lambda logs: torch.where(logs != 0, logs - np.log(1.05), logs))
    problem, aims = asked
    ratios = [problem.ratios(target.theta, data.batch, data.recorded)["log_ratios"] for target in aims]
    rows = [
        support_row(problem, target, data.batch, weight_rows(problem, target, own))
        for target, own in zip(aims, ratios, strict=True)
    ]
    assert [row["distance"] for row in rows] == [0.01, 0.1]
    assert all(
        re.fullmatch(r"the mean weight is 1\.[23]\d*, and should be 1", row["warning"]) for row in rows
    )
    told = whose_rollouts(read["log_probs"]["off_policy_data"], pd.DataFrame(rows).assign(environment="line"))
    assert f"**Doubtful** at 0.1 nats along $\\nabla J$: {rows[1]['warning']}." in told


def test_actions_that_the_data_never_take_are_a_warning():
    """In each state the data go one way alone; the target goes all four alike."""
    spec = spec_of(GRID, replicates=8, batch_size=8)
    theta = torch.zeros(36, dtype=torch.float64)
    one_way = theta.clone().reshape(9, 4)
    one_way[:, 1] = 50.0
    problem = unknown(Problem.from_spec(spec, one_way.flatten()))
    batch = collected(problem, ("off_policy", "untrained"), 8, 8).joined()
    assert never_taken(problem, theta, batch) == pytest.approx(0.75)
    assert never_taken(problem, problem.theta, batch) == pytest.approx(0.0, abs=1e-12)
    target = Target("gradient", 0.1, theta)
    row = support_row(
        problem, target, batch, weight_rows(problem, target, problem.ratios(theta, batch)["log_ratios"])
    )
    assert row["warning"].startswith("75% of its actions are never taken in the data; the mean weight is ")


def test_the_export_says_what_it_is(exported):
    metadata = json.loads((exported / "metadata.json").read_text())
    assert metadata["dataset_id"] == "line/untrained-v0"
    assert json.loads(metadata["env_spec"])["kwargs"] == LINE["kwargs"]
    assert metadata["pgpipe"]["theta"] == [-0.4, 0.7]
    assert (metadata["pgpipe"]["seed"], metadata["pgpipe"]["stream"]) == (
        0,
        ["line", "off_policy", "untrained"],
    )
    assert metadata["total_episodes"] == 30 * 12
    assert recorded_keys(exported) == ["log_probs"]


def test_a_dataset_that_was_edited_while_jobs_ran_is_told(exported, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = checksum(exported)
    with pytest.raises(UserError, match="is no longer where it was; run snakemake again"):
        linked(content)
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in exported.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    link(copy, content, tmp_path / HERE)
    assert linked(content) == Path(copy)
    (copy / "metadata.json").write_text("{}")
    with pytest.raises(UserError, match="was edited while jobs ran"):
        linked(content)
