"""Walks on the line: where they are, and what the lecture's formulas say of them (F8, E38, E39, E40)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.distributions import Normal
from torch.func import grad, vmap

from pgpipe.envs.line import LineVectorEnv
from pgpipe.envs.spec import LinearEnvironmentSpec, LinearSampledSpec
from pgpipe.lecture.common.identity_rows import Row, identity_row
from pgpipe.oracles.line import fisher, gain_and_spread, second_moments
from pgpipe.oracles.line_field import parameters, with_start
from pgpipe.policies.linear_gaussian import LinearGaussian
from pgpipe.policies.spread import slope_of
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.trajectories import Trajectories

FAR = 2.0  # standard deviations of the start: from about there walks are drawn, on either side


class WalksSpec(LinearSampledSpec):
    """Spreads of the start; how many walks are measured and how many drawn."""

    start_stds: list[float]
    episodes: int
    walks: int


def walk_line(spec: WalksSpec) -> dict[str, pd.DataFrame]:
    """`line_walks`, `line_spread`, `line_identities`, of the configured policy, for each start's spread."""
    walks, spreads, rows = [], [], []
    for start_std in spec["start_stds"]:
        line = with_start(spec["environment"], start_std)
        policy = policy_for(line)
        assert isinstance(policy, LinearGaussian)
        theta = torch.from_numpy(parameters(line, policy.k, policy.sigma))
        words = ("walk", str(start_std))
        (sample,) = sample_batches(line, theta, spec["seed"], words, 1, spec["episodes"])
        batch = sample.split()[0]
        walks.append(_far_walks(batch, line, theta, spec["walks"]).assign(start_std=start_std))
        spreads.append(_spread(batch, line, theta).assign(start_std=start_std))
        where = f"start spread {start_std:g}"
        rows += [
            row | {"environment": where}
            for row in identities(policy, theta, batch, fisher(theta.numpy(), line))
        ]
    return {
        "line_walks": pd.concat(walks),
        "line_spread": pd.concat(spreads),
        "line_identities": pd.DataFrame(rows),
    }


def _far_walks(batch: Trajectories, line: LinearEnvironmentSpec, theta: Tensor, walks: int) -> pd.DataFrame:
    """Where walks that start far off are at every step, the last one included; mean and spread given s_0.

    From a given start, E s_t = (1+k)ᵗ s_0, and the variance is that of walks from 0.
    """
    places = batch.all_obs[..., 0].numpy()  # (N, T+1)
    places = places[_nearest(places[:, 0], FAR * line["kwargs"]["start_std"], walks)]
    number, step = np.indices(places.shape)
    k, sigma, _ = gain_and_spread(theta.numpy(), line)
    from_zero = LineVectorEnv(**{**line["kwargs"], "horizon": places.shape[1], "start_std": 0.0})
    columns = {
        "walk": number, "step": step, "place": places, "mean": (1 + k) ** step * places[:, :1],
        "spread": np.broadcast_to(second_moments(k, sigma, from_zero) ** 0.5, places.shape),
    }  # fmt: skip
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()})


def _nearest(starts: np.ndarray, far: float, walks: int) -> np.ndarray:
    """Half of the walks, those that start nearest to `far`; then as many nearest to -`far`."""
    above = np.argsort(np.abs(starts - far), kind="stable")[: -(-walks // 2)]
    below = np.argsort(np.abs(starts + far), kind="stable")
    return np.concatenate([above, below[~np.isin(below, above)][: walks // 2]])


def _spread(batch: Trajectories, line: LinearEnvironmentSpec, theta: Tensor) -> pd.DataFrame:
    """E s_t = 0 and √m_t at every step, and both as measured over all walks.  math.md."""
    k, sigma, _ = gain_and_spread(theta.numpy(), line)
    longer = LineVectorEnv(**{**line["kwargs"], "horizon": batch.mask.shape[-1] + 1})
    places = batch.all_obs[..., 0]
    return pd.DataFrame(
        {
            "step": range(places.shape[1]),
            "mean": 0.0,
            "spread": second_moments(k, sigma, longer) ** 0.5,
            "measured_mean": places.mean(0),
            "measured_spread": (places**2).mean(0) ** 0.5,
            "walks": len(places),
        }
    )


def identities(policy: LinearGaussian, theta: Tensor, batch: Trajectories, F: np.ndarray) -> list[Row]:
    """Both sides of E38, E39 and E40 on a batch (N, T), as rows of kind `exact` or `mean`."""
    obs, actions = batch.obs[batch.mask], batch.actions[batch.mask]
    s, a = obs[:, 0], actions[:, 0]
    formula = -(s**2) - a**2
    off = (batch.rewards[batch.mask] - formula).abs().max()
    rows = [identity_row("E38", "largest |r - (-s² - a²)|", "exact", off, 0.0, formula.abs().max(), len(s))]

    sigma = policy.spread(theta)[0].clone()
    normal = Normal(theta[0] * s, sigma.abs())
    theirs, ours = normal.log_prob(a), policy.log_prob(theta, obs, actions)
    off = (ours - theirs).abs().max()
    rows.append(
        identity_row("E39", "largest |log π - log N(a; ks, σ²)|", "exact", off, 0.0, ours.abs().max(), len(s))
    )
    scores = _scores(policy, theta, batch)
    # ∂/∂σ of -(ks - a)²/(2σ²), all that the lecture shows, by hand; and of log π, as the policy has it
    slope = slope_of(theta[1], policy.parameterization)
    shown, whole = (theta[0] * s - a) ** 2 / sigma**3, scores[batch.mask][:, 1] / slope
    what, off = "largest |σ(∂/∂σ of what the lecture shows - ∂/∂σ log π) - 1|", sigma * (shown - whole) - 1
    rows.append(identity_row("E39", what, "exact", off.abs().max(), 0.0, (sigma * shown).max(), len(s)))
    return rows + _fisher_rows(scores, F)


def _scores(policy: LinearGaussian, theta: Tensor, batch: Trajectories) -> Tensor:
    """∇log π of every step, by automatic differentiation.  -> (N, T, P)."""

    def log_prob(theta: Tensor, obs: Tensor, action: Tensor) -> Tensor:
        return policy.log_prob(theta, obs[None], action[None])[0]

    return vmap(vmap(grad(log_prob), (None, 0, 0)), (None, 0, 0))(theta, batch.obs, batch.actions)


def _fisher_rows(scores: Tensor, F: np.ndarray) -> list[Row]:
    """Each entry of E[∇log π ∇log πᵀ], the mean over the steps of a walk, against its exact value."""
    squares = torch.einsum("ntp,ntq->npq", scores, scores) / scores.shape[1]  # (N, P, P)
    error = squares.std(0) / len(squares) ** 0.5
    names: Sequence[str] = ("k", "σ")
    return [
        identity_row("E40", f"F per step, ({names[i]}, {names[j]})", "mean", squares.mean(0)[i, j], F[i, j],
             error[i, j], len(squares))
        for i in range(2) for j in range(i + 1)
    ]  # fmt: skip
