"""What a batch of episodes says of itself."""

import torch

from pgpipe.trajectories import Trajectories


def batch():
    """Two episodes of one observation: two steps and terminated, three steps and truncated."""
    mask = torch.tensor([[True, True, False], [True, True, True]])
    return Trajectories(
        obs=torch.tensor([[[1.0], [2.0], [0.0]], [[4.0], [5.0], [6.0]]]),
        actions=torch.zeros(2, 3, dtype=torch.int64),
        rewards=torch.tensor([[1.0, 2.0, 0.0], [4.0, 8.0, 16.0]]),
        mask=mask,
        terminated=torch.tensor([True, False]),
        truncated=torch.tensor([False, True]),
        final_obs=torch.tensor([[3.0], [7.0]]),
    )


def test_the_final_observation_follows_the_last_step():
    assert batch().lengths.tolist() == [2, 3]
    assert batch().all_obs[..., 0].tolist() == [[1, 2, 3, 0], [4, 5, 6, 7]]


def test_a_truncated_end_still_has_a_value_and_a_terminal_one_has_none():
    assert batch().has_value.tolist() == [[True, True, False, False], [True, True, True, True]]


def test_leading_axes_change_nothing():
    two = Trajectories(**{name: torch.stack([value, value]) for name, value in batch().fields.items()})
    assert torch.equal(two.all_obs[1], batch().all_obs)
    assert torch.equal(two.has_value[0], batch().has_value)


def test_returns_discount_from_the_first_step():
    assert batch().returns.tolist() == [3, 28]
    assert batch().discounted_returns(0.5).tolist() == [2, 12]
