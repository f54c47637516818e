"""The maximum-likelihood gradient as supervised learning writes it, with torch's own layers and losses (E36).

Nothing here comes from `policies.py` but the shapes: a second way to the same number.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, gaussian_nll_loss

from pgpipe.policies.categorical import CategoricalMLP, SoftmaxTable
from pgpipe.policies.choices_mlp import ChoicesMLP
from pgpipe.policies.distributions import torch_log_prob, unvalidated
from pgpipe.policies.gaussian_mlp import GaussianMLP
from pgpipe.policies.linear_gaussian import LinearGaussian
from pgpipe.policies.policy import Policy
from pgpipe.policies.spread import sigma_of
from pgpipe.policies.torch_policy import TorchPolicy
from pgpipe.trajectories import Trajectories


def likelihood_gradient(policy: Policy, theta: Tensor, batch: Trajectories) -> Tensor:
    """∇ (1/N) Σ_i Σ_t log π_θ(a_{i,t}|s_{i,t}).  theta (P,), batch (N, T) -> (P,).  Lecture E36.

    The actions taken are the labels, the observations the inputs. Raises `ValueError` for a policy that has
    no counterpart in supervised learning here.
    """
    obs, actions = batch.obs[batch.mask], batch.actions[batch.mask]  # (N, T, ...) -> (S, ...)
    if isinstance(policy, CategoricalMLP):
        return -_classifier(policy.widths, theta, obs, actions) / batch.n_trajectories
    if isinstance(policy, ChoicesMLP):
        return -_classifiers(policy, theta, obs, actions) / batch.n_trajectories
    if isinstance(policy, SoftmaxTable):
        return -_table(policy, theta, obs, actions) / batch.n_trajectories
    if isinstance(policy, LinearGaussian):
        return -_regression(policy, theta, obs, actions) / batch.n_trajectories
    if isinstance(policy, GaussianMLP):
        return -_deep_regression(policy.widths, theta, obs, actions) / batch.n_trajectories
    if isinstance(policy, TorchPolicy):
        return _densities(policy, theta, obs, actions) / batch.n_trajectories
    raise ValueError(f"no supervised counterpart of the policy {type(policy).__name__}")


def _classifier(widths: Sequence[int], theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
    """Gradient of the cross-entropy of a tanh network, in the order of theta."""
    layers = _layers(widths, theta)
    loss = cross_entropy(_through(layers, obs), actions, reduction="sum")
    return _gradients(loss, layers)


def _classifiers(policy: ChoicesMLP, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
    """Gradient of the sum of the axes' cross-entropies, each of its own logits of one tanh network."""
    layers = _layers(policy.widths, theta)
    axes = zip(_through(layers, obs).split(policy.choices, -1), actions.unbind(-1), strict=True)
    losses = [cross_entropy(logits, labels, reduction="sum") for logits, labels in axes]
    return _gradients(torch.stack(losses).sum(), layers)


def _densities(policy: TorchPolicy, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
    """Gradient of the log-likelihood as torch has it of the module's own distributions."""
    parameters = theta.detach().requires_grad_()
    with unvalidated():
        likelihood = torch_log_prob(policy.distribution(parameters, obs), actions).sum()
    return torch.autograd.grad(likelihood, parameters)[0]


def _table(policy: SoftmaxTable, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
    """Gradient of the cross-entropy where the logits are looked up by the state's number."""
    logits = theta.detach().reshape(policy.n_obs, policy.n_actions).requires_grad_()
    loss = cross_entropy(logits[obs.argmax(-1)], actions, reduction="sum")
    return torch.autograd.grad(loss, logits)[0].flatten()


def _regression(policy: LinearGaussian, theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
    """Gradient of the Gaussian negative log-likelihood of a line through the origin, by slope and spread."""
    k, u = (number.detach().requires_grad_() for number in theta)
    variance = (sigma_of(u, policy.parameterization) ** 2).expand_as(obs)
    loss = gaussian_nll_loss(k * obs, actions, variance, full=True, eps=1e-300, reduction="sum")
    return torch.stack(torch.autograd.grad(loss, (k, u)))


def _deep_regression(widths: Sequence[int], theta: Tensor, obs: Tensor, actions: Tensor) -> Tensor:
    """Gradient of the Gaussian negative log-likelihood of a tanh network's mean and of log σ."""
    layers = _layers(widths, theta[: -widths[-1]])
    log_sigma = theta[-widths[-1] :].detach().requires_grad_()
    means, variance = _through(layers, obs), (2 * log_sigma).exp().expand_as(actions)
    loss = gaussian_nll_loss(means, actions, variance, full=True, eps=1e-300, reduction="sum")
    by_sigma = torch.autograd.grad(loss, log_sigma, retain_graph=True)
    return torch.cat([_gradients(loss, layers), *by_sigma])


def _through(layers: Sequence[nn.Linear], x: Tensor) -> Tensor:
    """The layers' output, tanh between them."""
    for layer in layers[:-1]:
        x = layer(x).tanh()
    return layers[-1](x)


def _layers(widths: Sequence[int], theta: Tensor) -> list[nn.Linear]:
    """Torch's layers with the weights and biases of theta."""
    layers, used = [], 0
    for fan_in, fan_out in pairwise(widths):
        layer = nn.utils.skip_init(nn.Linear, fan_in, fan_out, dtype=theta.dtype)  # draws nothing
        weights, used = theta[used : used + fan_in * fan_out], used + fan_in * fan_out
        bias, used = theta[used : used + fan_out], used + fan_out
        # torch keeps the weights of an output in a row, theta in a column
        layer.load_state_dict({"weight": weights.reshape(fan_in, fan_out).T, "bias": bias})
        layers.append(layer)
    return layers


def _gradients(loss: Tensor, layers: Sequence[nn.Linear]) -> Tensor:
    """The gradient of a loss by the layers' weights and biases, in the order of theta."""
    parameters = [part for layer in layers for part in (layer.weight, layer.bias)]
    return torch.cat([part.t().flatten() for part in torch.autograd.grad(loss, parameters)])
