"""Groups: episodes that begin in one start state, and what becomes of them on every way."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load, save
from samples import CARTPOLE, LINE, PROMPTS, recipe, sample, some_theta

from pgpipe.envs.parallel import ParallelEpisodes, ParallelSteps
from pgpipe.envs.single import ContractError
from pgpipe.envs.spec import EnvironmentSpec, alone
from pgpipe.training.loop import Training
from pgpipe.trajectories import Trajectories

GROUPED: dict[str, EnvironmentSpec] = {
    spec["name"]: {**spec, "group": 3} for spec in (LINE, CARTPOLE, PROMPTS)
}


@pytest.fixture(params=sorted(GROUPED))
def grouped(request):
    """An environment, and two agents' batches of six."""
    environment = GROUPED[request.param]
    return environment, sample(environment, some_theta(environment, 2), 6)


def test_a_groups_episodes_begin_in_one_state_and_then_differ(grouped):
    environment, batches = grouped
    assert batches.group.tolist() == [[0, 0, 0, 1, 1, 1]] * 2
    starts = batches.obs[:, :, 0].unflatten(1, (2, 3))
    assert (starts == starts[:, :, :1]).all()
    if environment["name"] != "prompts":  # of two prompts, two groups may have one
        assert (starts[:, 0] != starts[:, 1]).any()
    assert any(not torch.equal(one.rewards[0], one.rewards[1]) for one in batches.split())


def test_without_groups_a_batch_has_none_and_its_bytes_stay():
    batch = sample(LINE, some_theta(LINE), 4)
    assert batch.group is None
    assert list(batch.tensors()) == [
        "obs", "actions", "rewards", "mask", "terminated", "truncated", "final_obs",
    ]  # fmt: skip


def test_starts_are_those_of_as_many_single_episodes(grouped):
    """A group of three draws one start: two groups begin where a batch of two does."""
    environment, batches = grouped
    two = sample(alone(environment), some_theta(environment, 2), 2)
    assert torch.equal(batches.obs[:, ::3, 0], two.obs[:, :, 0])


def test_groups_pass_through_files_splitting_and_joining(grouped):
    _, batches = grouped
    back = Trajectories.from_tensors(load(save(batches.tensors("x."))), "x.")
    for again in (back, Trajectories.stack(batches.split()), Trajectories.concatenate([batches])):
        assert all(torch.equal(value, again.fields[name]) for name, value in batches.fields.items())
    assert batches.first(3).group.tolist() == [[0, 0, 0]] * 2
    assert batches.in_double().group.dtype == torch.int64
    assert [one.group.item() for one in batches.split()[0].each()] == [0, 0, 0, 1, 1, 1]


def test_joined_batches_share_no_group(grouped):
    _, batches = grouped
    assert batches.joined().group.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_batches_with_and_without_groups_are_not_joined(grouped):
    _, batches = grouped
    with pytest.raises(
        ValueError, match=r"^group: found in some of the batches; allowed: in all or in none of them$"
    ):
        Trajectories.concatenate([batches, replace(batches, group=None)])


def test_what_cannot_be_grouped_is_refused():
    with pytest.raises(ValueError, match=r"^episodes: found 4; allowed: a multiple of group, 3$"):
        ParallelEpisodes(GROUPED["line"], 1, 4)
    with pytest.raises(ValueError, match=r"^group: found 3; allowed in a batch counted in steps: null$"):
        ParallelSteps(GROUPED["line"], 1, 40)
    single: EnvironmentSpec = {**CARTPOLE, "id": "MountainCar-v0", "group": 3}
    message = "^MountainCar-v0: group: found 3; allowed: null, as it has no batched form$"
    with pytest.raises(ContractError, match=message):
        sample(single, some_theta(single), 6)


def test_an_evaluation_draws_every_start_by_itself():
    training = Training(recipe(GROUPED["line"], episodes=6), [0])
    assert training.evaluate(7).shape == (1,)
