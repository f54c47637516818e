"""pgpipe as a library: rollouts, gradient estimates, exact gradients and certificates at a prompt.

`from pgpipe import collect` is `from pgpipe.api import collect`; it imports torch no sooner than it is asked.

    >>> from pgpipe import collect, estimate, exact_gradient, initial, make_environment, make_estimator
    >>> line = make_environment("pgpipe/Line-v0", gamma=0.9, horizon=5,
    ...                         policy={"kind": "linear_gaussian", "k": -0.4, "sigma": 0.7})
    >>> theta = initial(line)
    >>> batch = collect(line, theta, 2_000)
    >>> batch.rewards.shape
    torch.Size([2000, 5])
    >>> to_go = make_estimator("reward_to_go", "mean", gamma=0.9)
    >>> exact_gradient(line, theta).round(1).tolist()
    [-2.2, -12.4]
    >>> estimate(line, theta, batch, to_go).round(decimals=1).tolist()
    [-1.7, -11.3]
"""

from importlib import import_module
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators import scores
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.facts import Facts
from pgpipe.estimators.spec import PlainEstimatorSpec
from pgpipe.lecture.certificate.judging import Certificate, judged
from pgpipe.lecture.certificate.subject import Subject
from pgpipe.nearest import nearest_name
from pgpipe.oracles.known import EXACT
from pgpipe.own import aggregate, baseline, importance, signal
from pgpipe.policies.policy import Policy
from pgpipe.policies.spec import PolicySpec
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.seeding import stream
from pgpipe.trajectories import Trajectories

__all__ = [
    "Certificate",
    "Estimator",
    "Facts",
    "Trajectories",
    "aggregate",
    "baseline",
    "certify",
    "collect",
    "estimate",
    "exact_gradient",
    "importance",
    "initial",
    "make_environment",
    "make_estimator",
    "make_policy",
    "signal",
]


def make_environment(
    id: str,
    *,
    gamma: float,
    policy: PolicySpec | dict[str, Any],
    max_episode_steps: int | None = None,
    group: int | None = None,
    **kwargs: Any,
) -> EnvironmentSpec:
    """An environment that Gymnasium can make, with its objective's discount and the policy that acts in it.

    `policy` is what a config says of one, `{"kind": "softmax_table"}`; `kwargs` are the environment's own. So
    many episodes of a `group` begin in one state. Raises `ValueError` for a limit below one step.
    """
    if max_episode_steps is not None and max_episode_steps < 1:
        raise ValueError(f"max_episode_steps: found {max_episode_steps}; allowed: 1 or more, or None")
    defaults: dict[str, Any] = {"logits": None, "hidden": [64, 64], "sigma": 1.0}
    spec: EnvironmentSpec = {
        "name": id.rpartition("/")[2].partition("-v")[0].lower(),
        "id": id,
        "kwargs": kwargs,
        "max_episode_steps": max_episode_steps,
        "gamma": gamma,
        "policy": cast(PolicySpec, {**defaults, **policy}),
    }
    if group is not None:
        spec["group"] = group
    return spec


def make_policy(environment: EnvironmentSpec) -> Policy:
    """The policy of an environment, which holds its shape and no parameters.

    >>> coin = make_environment("pgpipe/Coin-v0", gamma=1.0, policy={"kind": "softmax_table"})
    >>> make_policy(coin).n_parameters
    2
    """
    return policy_for(environment)


def initial(environment: EnvironmentSpec, seed: int = 0) -> Tensor:
    """Parameters of an untrained policy.  -> (P,)."""
    return policy_for(environment).initial(stream(seed, environment["name"], "initial"))


def collect(environment: EnvironmentSpec, theta: Tensor, n: int, seed: int = 0) -> Trajectories:
    """N whole episodes of the policy at theta (P,), the same for the same seed.  -> Trajectories (N, T)."""
    (batches,) = sample_batches(environment, theta, seed, ("collect",), 1, n)
    return batches.split()[0]


def make_estimator(
    signal: str, baseline: str = "none", *, gamma: float, importance: str = "none", **options: Any
) -> Estimator:
    """An estimator of named parts; `Estimator(signal, baseline, gamma)` takes functions of your own.

    Options are those of a config line: `score_discount`, `gae_lambda`, `normalize`, `self_normalize`,
    `aggregate`, `longest`, `clip`, `truncation`.
    Raises `ValueError` for a part or an option that there is none of.

    >>> make_estimator("reward_to_go", "mean", gamma=0.9, normalise=True)
    Traceback (most recent call last):
    ...
    ValueError: unknown option 'normalise'; did you mean 'normalize'? Known: score_discount, gae_lambda, \
normalize, self_normalize, aggregate, longest, clip, truncation
    """
    known = (
        *("score_discount", "gae_lambda", "normalize", "self_normalize"),
        *("aggregate", "longest", "clip", "truncation"),
    )
    for name in options.keys() - set(known):
        raise ValueError(f"unknown option '{name}'{nearest_name(name, known)} Known: {', '.join(known)}")
    line = {
        "signal": signal,
        "baseline": baseline,
        "importance": importance,
        "score_discount": True,
        **options,
    }
    return Estimator.from_spec(cast(PlainEstimatorSpec, line), gamma)


def estimate(
    environment: EnvironmentSpec, theta: Tensor, batch: Trajectories, estimator: Estimator
) -> Tensor:
    """ĝ of one batch (N, T) that the policy at theta (P,) sampled.  -> (P,)."""
    return scores.estimate(policy_for(environment), theta, batch, estimator)


def exact_gradient(environment: EnvironmentSpec, theta: Tensor) -> NDArray[np.float64]:
    """∇J at theta (P,), where it is known.  -> (P,).

    Raises `ValueError` for an environment or a policy in which it is not.

    >>> chain = make_environment("pgpipe/Chain-v0", gamma=0.9, horizon=4, policy={"kind": "softmax_table"})
    >>> exact_gradient(chain, initial(chain)).round(3).tolist()
    [-0.718, 0.718]
    """
    asked = (environment["id"], environment["policy"]["kind"])
    if (module := EXACT.get(asked)) is None:
        known = ", ".join(f"{id} with {kind}" for id, kind in EXACT)
        raise ValueError(f"no exact gradient of {asked[0]} with {asked[1]}; known: {known}")
    gradient: NDArray[np.float64] = import_module(module).exact(theta.double().numpy(), environment)[1]
    return gradient


def certify(estimator: Estimator, name: str = "estimator", *, exact_value: bool = False) -> Certificate:
    """What an estimator is worth, on small problems with exact gradients; a second or a few.

    Its discount is that of each problem. With `exact_value` it is given the true V of each, else its own.

    >>> certificate = certify(make_estimator("total_return", "batch_mean", gamma=1.0))
    >>> certificate.verdict, list(certificate.declares)
    ('biased, as it says', ['own trajectory'])
    >>> round(certificate.rows[0]["exact_bias"], 1)  # in percent: at N = 3 a third is missing
    33.3
    """
    return judged(Subject(name, estimator, exact_value))
