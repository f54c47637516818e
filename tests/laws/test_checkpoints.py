"""A training that is killed and started again gives the bytes of one that never was."""

import multiprocessing  # noqa: TID251  what goes through its pipes is the test's own
import random
from signal import SIGKILL
from time import sleep

import numpy as np
import pandas as pd
import pytest
import torch
from killed import train_to
from safetensors.torch import load_file
from samples import CARTPOLE, GRID, estimator_spec, recipe

from pgpipe.training import curves
from pgpipe.training.checkpoints import Checkpoint
from pgpipe.training.spec import ValueNetworkSpec

NETWORK: ValueNetworkSpec = {"hidden": [16], "learning_rate": 0.01, "gradient_steps": 3}
GAE = estimator_spec("gae", "value", gae_lambda=0.9)


def block(updates: int = 120, learning_rate: float = 0.01) -> curves.BlockSpec:
    """A block of three seeds, with everything that a training may remember."""
    training = recipe(CARTPOLE, steps=300, updates=updates, learning_rate=learning_rate)
    return {
        "recipe": "gae",
        "seeds": [0, 1, 5],
        "training": training | {"estimator": GAE, "value_network": NETWORK},
        "evaluation": {"every": 7, "episodes": 3},
    }


@pytest.fixture(scope="module")
def start():
    """Start `train_to` in a fresh process, quickly: a server has torch imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["killed"])

    def started(path, spec):
        process = context.Process(target=train_to, args=(str(path), spec))
        process.start()
        return process

    return started


def update_of(folder):
    """The update of the state on disk, -1 if there is none."""
    return max(
        (int(load_file(f)["n_updates"]) for f in folder.glob("checkpoints/*/state.safetensors")), default=-1
    )


def test_killed_ten_times_it_writes_the_same_bytes(tmp_path, start):
    spec = block()
    for name in ("whole", "broken"):
        (tmp_path / name).mkdir()
    start(tmp_path / "whole" / "curves.csv", spec).join()
    moments, killed_at = random.Random(7), [-1]
    for _ in range(10):
        process = start(tmp_path / "broken" / "curves.csv", spec)
        while process.is_alive() and update_of(tmp_path / "broken") <= killed_at[-1]:
            sleep(0.01)
        sleep(moments.uniform(0, 0.15))  # wherever it is then
        process.kill()  # SIGKILL
        process.join()
        assert process.exitcode == -SIGKILL
        killed_at.append(update_of(tmp_path / "broken"))
    assert killed_at == sorted(set(killed_at))  # each went on from where the one before it was
    last = start(tmp_path / "broken" / "curves.csv", spec)
    last.join()
    assert last.exitcode == 0
    ours, theirs = ((tmp_path / name / "curves.csv").read_bytes() for name in ("broken", "whole"))
    assert ours == theirs
    assert not list(tmp_path.glob("broken/checkpoints/*"))


def test_a_checkpoint_belongs_to_its_spec_and_its_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec, code = block(), "a code"
    Checkpoint(spec, code).save({"n_updates": torch.tensor(3)})
    state = Checkpoint(spec, code).load()
    assert state is not None
    assert state["n_updates"] == 3
    assert Checkpoint(block(learning_rate=0.02), code).load() is None
    assert Checkpoint(spec, "another code").load() is None
    (said,) = tmp_path.glob("checkpoints/*/spec.json")
    assert '"learning_rate": 0.01' in said.read_text()


def test_a_killed_write_leaves_the_last_state_whole(tmp_path, monkeypatch):
    """Whatever is in the file that is being written, the state is the one before."""
    monkeypatch.chdir(tmp_path)
    checkpoint = Checkpoint(block(), "a code")
    checkpoint.save({"n_updates": torch.tensor(3)})

    def half_written(tensors, path):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("pgpipe.training.checkpoints.save_file", half_written)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save({"n_updates": torch.tensor(4)})
    state = checkpoint.load()
    assert state is not None
    assert state["n_updates"] == 3


def test_seeds_added_later_leave_the_others_as_they_were():
    spec = block(updates=2) | {"evaluation": None}
    few = curves.learning_curves(spec | {"seeds": [0, 1]})
    more = curves.learning_curves(spec | {"seeds": [0, 1, 2]})
    pd.testing.assert_frame_equal(few, more[more["seed"] < 2])


def test_a_reward_that_is_no_number_stops_one_seed(monkeypatch):
    """It stands in the table from there on, and the other seeds are what they are without it."""
    from pgpipe.envs.grid import GridVectorEnv

    monkeypatch.setattr("pgpipe.compiler.COMPILES", False)  # the compiled code has a `move` of its own
    spec: curves.BlockSpec = {
        "recipe": "r",
        "seeds": [0, 1, 2],
        "evaluation": None,
        "training": recipe(GRID, updates=5),
    }
    sound = curves.learning_curves(spec)
    move, calls = GridVectorEnv.move, []

    def broken(self, actions):
        rewards, arrived = move(self, actions)
        calls.append(None)
        if len(calls) == 9 and self.num_envs == 48:  # in the second batch, or the first, while all rows run
            rewards[20] = np.nan  # a row of the second of three agents with 16 rows each
        return rewards, arrived

    monkeypatch.setattr(GridVectorEnv, "move", broken)
    for at in range(1, 9):
        calls[:] = [None] * at
        table = curves.learning_curves(spec)
        if table["mean_return"].isna().any():
            break
    lost = table[table["mean_return"].isna()]
    assert set(lost["seed"]) == {1}
    assert lost["update"].tolist() == list(range(lost["update"].min(), 6))
    pd.testing.assert_frame_equal(table[table["seed"] != 1], sound[sound["seed"] != 1])


def test_progress_is_told_now_and_then(monkeypatch):
    """Updates done, return so far, time left; not after every update."""
    clock = iter(np.arange(0.0, 1e6, 4.0))
    monkeypatch.setattr(curves, "monotonic", lambda: float(next(clock)))
    lines: list[str] = []
    curves.learning_curves(block(updates=12) | {"evaluation": None}, tell=lines.append)
    assert 2 <= len(lines) <= 4
    assert lines[0].startswith("gae, seeds 0 to 5: ")
    assert " of 12 updates, mean return " in lines[0]
    assert lines[0].endswith(" left")


def test_evaluation_trains_nothing():
    spec = block(updates=8)
    with_it, without = (curves.learning_curves(spec | {"evaluation": e}) for e in (spec["evaluation"], None))
    pd.testing.assert_series_equal(with_it["mean_return"], without["mean_return"])
    evaluated = with_it.dropna(subset="evaluation_return")
    assert set(evaluated["update"]) == {0, 7}
    assert (evaluated["evaluation_return"] != evaluated["mean_return"]).all()
