"""Minari datasets: what is written is read back, and what does not fit is told in a line."""

import os
import shutil
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Tuple
from gymnasium.spaces.utils import flatten
from minari_files import by_hand, steps, written
from samples import CARTPOLE, GRID, LINE, PENDULUM, sample, some_theta

from pgpipe.datasets.episodes import Format, read_episodes
from pgpipe.datasets.flat import alike, flat_actions, flat_rows, unflat_actions, unflat_rows
from pgpipe.datasets.likelihood import fit
from pgpipe.datasets.loading import as_trajectories, recorded
from pgpipe.datasets.looked import look
from pgpipe.datasets.places import checksum, data_folder
from pgpipe.errors import UserError
from pgpipe.estimators.ratios import log_probs
from pgpipe.rollout import policy_for

pytest.importorskip("minari", reason="the optional group minari is not installed")

REAL = Box(-np.inf, np.inf, (1,), np.float64)
FORMAT = Format(REAL, REAL, 10, "log_probs")
SPACES = [
    Box(-1, 1, (2, 3), np.float32),
    Discrete(4, start=2),
    MultiDiscrete([2, 3], start=[1, 0]),
    MultiBinary(3),
    Dict({"b": Discrete(3), "a": Box(0, 1, (2,), np.float64)}),
    Tuple([Discrete(2), MultiBinary(2)]),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_rows_are_those_that_gymnasium_flattens(space):
    space.seed(0)
    values = [space.sample() for _ in range(5)]
    rows = np.stack([np.asarray(flatten(space, value), dtype=float) for value in values])
    column = unflat_rows(space, rows)
    np.testing.assert_array_equal(flat_rows(space, column, 5), rows)
    if not isinstance(space, Dict | Tuple):
        assert all(np.array_equal(value, row) for value, row in zip(values, column, strict=True))
        np.testing.assert_array_equal(unflat_actions(space, flat_actions(space, column, 5)), column)


def test_spaces_are_alike_whatever_their_bounds():
    assert all(alike(space, space) for space in SPACES)
    assert not any(alike(a, b) for a in SPACES for b in SPACES if a is not b)
    assert alike(Box(-1, 1, (2,), np.float32), Box(-5, 5, (2,), np.float64))
    assert not alike(Discrete(4), Discrete(4, start=1))


@pytest.mark.parametrize("environment", [LINE, GRID, CARTPOLE, PENDULUM], ids=lambda spec: spec["name"])
def test_what_is_written_is_read_back_and_the_same_bytes_twice(environment, tmp_path):
    policy, theta = policy_for(environment), some_theta(environment)[0]
    batch = sample(environment, theta[None], 6).split()[0]
    logs = log_probs(policy, theta, batch)
    data = written(tmp_path / "one", environment, batch, logs)
    with gymnasium.make(environment["id"], **environment["kwargs"]) as env:
        wanted = Format(env.observation_space, env.action_space, 1000, "log_probs")
    episodes = list(read_episodes(data, wanted))
    again = as_trajectories(policy, episodes)
    for name, value in batch.fields.items():
        assert torch.equal(getattr(again, name), value), name
    torch.testing.assert_close(recorded(again.mask, episodes), logs, rtol=0, atol=0)
    assert checksum(written(tmp_path / "two", environment, batch, logs)) == checksum(data)


def test_the_likeliest_policy_of_a_line_is_that_of_least_squares():
    """k = Σ s a / Σ s², σ² the mean square of what is left."""
    policy, theta = policy_for(LINE), torch.tensor([-0.6, 0.4], dtype=torch.float64)
    batch = sample(LINE, theta[None], 40).split()[0]
    found = fit(policy, policy.initial(np.random.default_rng(0)), batch)
    s, a = batch.obs[batch.mask][:, 0], batch.actions[batch.mask][:, 0]
    k = (s @ a) / (s @ s)
    sigma = ((a - k * s) ** 2).mean().sqrt()
    torch.testing.assert_close(found.theta.abs(), torch.stack([k, sigma]).abs(), rtol=1e-5, atol=1e-6)
    assert len(found.held_out) == 8
    assert torch.equal(fit(policy, policy.initial(np.random.default_rng(0)), batch).theta, found.theta)


def test_the_likeliest_table_has_the_shares_of_the_actions():
    policy, theta = policy_for(GRID), some_theta(GRID)[0]
    batch = sample(GRID, theta[None], 200).split()[0]
    found = fit(policy, policy.initial(np.random.default_rng(0)), batch).theta
    cell, actions = batch.obs[batch.mask].argmax(-1), batch.actions[batch.mask]
    counts = torch.zeros(9, 4).index_put_((cell, actions), torch.ones(len(cell)), accumulate=True)
    often = counts.min(1).values >= 20
    shares = (counts / counts.sum(1, keepdim=True))[often].double()
    assert often.any()
    chances = found.reshape(9, 4).softmax(-1)[often].double()
    torch.testing.assert_close(chances, shares, rtol=0.02, atol=0.01)


def looked(folder, wanted=FORMAT, must=False, least=1):
    data = folder / "data"
    return look(data, checksum(data), wanted, must, least, None)


TWICE: dict[str, Any] = {"terminations": np.array([True, False, True])}
NOWHERE: dict[str, Any] = {"terminations": np.zeros(3, bool)}
NAN: dict[str, Any] = {"rewards": np.array([0.0, np.nan, 0.0])}
LOST: dict[str, Any] = {"observations": np.array([[0.0], [1.0], [np.inf], [0.0]])}
REFUSED = {
    "too long": ([steps(), steps(11)], "episode 1: it has 11 steps; the environment's episodes end after 10"),
    "nan reward": ([steps(**NAN)], "episode 0: its reward is nan at step 2"),
    "infinite observation": ([steps(**LOST)], "episode 0: its observation is inf at step 2"),
    "ends twice": ([steps(**TWICE)], "episode 0: it has 3 steps and ends after step 1; allowed: whole episodes, ended by their last step"),
    "ends nowhere": ([steps(**NOWHERE)], "episode 0: it has 3 steps and ends nowhere; allowed: whole episodes, ended by their last step"),
    "some recorded": ([steps(), steps(infos={})], "episode 1: it lacks infos.log_probs; allowed: all do, or none"),
    "some not": ([steps(infos={}), steps()], "episode 1: it has infos.log_probs; allowed: all do, or none"),
    "no number": ([steps(infos={"log_probs": np.array([0, -np.inf, 0])})], "episode 0: infos.log_probs: found -inf at step 2; allowed: finite numbers"),
    "per number": ([steps(infos={"log_probs": np.zeros((3, 2))})], "episode 0: infos.log_probs: found float64 of shape (3, 2); allowed: (3,)"),
    "empty": ([], "found no episodes; allowed: at least 1"),
}  # fmt: skip


@pytest.mark.parametrize(("episodes", "words"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_told_in_a_line(episodes, words, tmp_path):
    assert looked(by_hand(tmp_path / "mine", episodes, REAL, REAL))["problem"] == words


def test_too_few_other_spaces_and_a_missing_key_are_told(tmp_path):
    mine = by_hand(tmp_path / "mine", [steps()] * 3, REAL, REAL)
    assert looked(mine) == {"problem": None, "key": "path", "episodes": 3, "recorded": True}
    assert looked(mine, least=8)["problem"] == "found 3 episodes; allowed: at least 8"
    discrete = Format(REAL, Discrete(3), 10, "log_probs")
    words = f"its actions are {REAL}; the environment has Discrete(3)"
    assert looked(mine, discrete)["problem"] == words
    found = looked(mine, Format(REAL, REAL, 10, "log_prob"), must=True)
    near = "did you mean 'log_probs'? Keys of infos: log_probs"
    assert found["problem"] == f"found log_prob, which its infos do not have; {near}"
    assert found["key"] == "log_probs"


def test_an_action_out_of_its_space_and_a_broken_file_are_told(tmp_path):
    actions: dict[str, Any] = {"actions": np.array([1, 2, 5])}
    mine = by_hand(tmp_path / "mine", [steps(**actions)], REAL, Discrete(3, start=1))
    wanted = Format(REAL, Discrete(3, start=1), 10, "log_probs")
    words = "episode 0: actions: found 5, which is not in Discrete(3, start=1)"
    assert looked(mine, wanted)["problem"] == words
    (mine / "data/main_data.hdf5").write_bytes(b"nothing of the kind")
    assert looked(mine, wanted)["problem"].startswith("episode 0: cannot be read: OSError: ")
    assert "\n" not in looked(mine, wanted)["problem"]


def test_one_log_probability_more_is_that_of_a_reset(tmp_path):
    infos = {"log_probs": np.array([np.nan, -1.0, -2.0, -3.0])}
    data = by_hand(tmp_path / "mine", [steps(infos=infos)], REAL, REAL) / "data"
    [episode] = read_episodes(data, FORMAT)
    np.testing.assert_array_equal(episode.log_probs, [-1.0, -2.0, -3.0])


def test_a_dataset_is_found_by_path_and_by_name_and_never_downloaded(tmp_path, monkeypatch):
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "local"))
    data = by_hand(tmp_path / "local/door/human-v2", [steps()], REAL, REAL) / "data"
    assert data_folder("door/human-v2", tmp_path) == data
    assert data_folder("local/door/human-v2", tmp_path) == data
    assert data_folder(str(data), tmp_path / "elsewhere") == data
    with pytest.raises(UserError) as error:
        data_folder("door/human-v1", tmp_path)
    assert str(error.value) == (
        f"found neither a folder {tmp_path}/door/human-v1 nor a local Minari dataset 'door/human-v1'; did you "
        "mean 'door/human-v2'? Nothing is downloaded; local names: door/human-v2"
    )
    (tmp_path / "other").mkdir()
    with pytest.raises(UserError) as error:
        data_folder("other", tmp_path)
    assert str(error.value) == (
        f"found {tmp_path}/other, which holds no Minari dataset; allowed: a folder with data/metadata.json"
    )


def test_a_checksum_is_of_the_content_alone(tmp_path):
    data = by_hand(tmp_path / "mine", [steps()], REAL, REAL) / "data"
    before = checksum(data)
    os.utime(data / "metadata.json", (1, 1))
    shutil.move(tmp_path / "mine", tmp_path / "moved")
    assert checksum(tmp_path / "moved/data") == before
    with (tmp_path / "moved/data/metadata.json").open("a") as file:
        file.write(" ")
    assert checksum(tmp_path / "moved/data") != before
