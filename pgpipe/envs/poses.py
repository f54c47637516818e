"""Where a body is that an environment moves: what a picture of an episode shows."""

import torch
from torch import Tensor


def cart_pole(obs: Tensor) -> tuple[Tensor, Tensor]:
    """The pole is 1 m long, its angle grows to the right.  Cart and pole's tip, (T, 4) -> (T, 2) each."""
    place, angle = obs[:, 0], obs[:, 2]
    cart = torch.stack([place, torch.zeros_like(place)], -1)
    return cart, cart + torch.stack([angle.sin(), angle.cos()], -1)


def pendulum(obs: Tensor) -> tuple[Tensor, Tensor]:
    """Its angle grows to the left of upright.  Pivot and tip, (T, 3) -> (T, 2) each, in metres."""
    tip = torch.stack([-obs[:, 1], obs[:, 0]], -1)
    return torch.zeros_like(tip), tip


def acrobot(obs: Tensor) -> tuple[Tensor, Tensor]:
    """Both links are 1 m long; angles grow to the right of hanging.  Elbow and tip, (T, 6) -> (T, 2) each."""
    cos_1, sin_1, cos_2, sin_2 = obs[:, :4].unbind(-1)
    elbow = torch.stack([sin_1, -cos_1], -1)
    # the second link's angle is relative to the first link
    both_cos, both_sin = cos_1 * cos_2 - sin_1 * sin_2, sin_1 * cos_2 + cos_1 * sin_2
    return elbow, elbow + torch.stack([both_sin, -both_cos], -1)


# A body's joint and tip, in metres, at every state of an episode.
POSES = {"CartPole-v1": cart_pole, "Pendulum-v1": pendulum, "Acrobot-v1": acrobot}
