"""The optimisers a recipe can name; each treats every number by itself, so agents do not mix."""

import torch
from torch import Tensor
from torch.optim import SGD, Adam, Optimizer

MOMENTUM = 0.9


def make_optimiser(name: str, theta: Tensor, learning_rate: float) -> Optimizer:
    """Gradient *ascent* on J from theta (A, P), which the optimiser changes in place.

    `sgd` θ ← θ + α ĝ; `momentum` the same with a velocity that keeps 0.9 of itself; `adam` Kingma & Ba 2015.
    """
    if name == "adam":
        return Adam([theta], lr=learning_rate, maximize=True)
    return SGD([theta], lr=learning_rate, momentum=MOMENTUM if name == "momentum" else 0.0, maximize=True)


def ascend(optimiser: Optimizer, theta: Tensor, gradient: Tensor) -> None:
    """One step of every agent along its gradient (A, P)."""
    theta.grad = gradient
    with torch.no_grad():
        optimiser.step()
