"""Plain batched PyTorch: the same problem, agents along a leading axis, gradients by autograd."""

import os

import numpy as np
import torch
from harness import AGENT_ROWS, STEPS, report, timed

from pgpipe.envs.cartpole import CartPoleVectorEnv
from pgpipe.policies.categorical import CategoricalMLP


def main(agents: int) -> None:
    """Episodes that reset themselves, as the other contestants have them."""
    policy = CategoricalMLP((4, 64, 64, 2))
    rng, W = np.random.default_rng(0), AGENT_ROWS
    env = CartPoleVectorEnv(agents * W, max_episode_steps=STEPS)
    theta = torch.stack([policy.initial(rng) for _ in range(agents)]).requires_grad_()
    optimiser = torch.optim.Adam([theta], lr=0.003)

    def update() -> int:
        obs, _ = env.reset(seed=0)
        steps = []
        for _ in range(STEPS):
            seen = torch.from_numpy(obs).view(agents, W, 4)
            with torch.no_grad():
                chosen = torch.distributions.Categorical(logits=policy.logits(theta, seen)).sample()
            obs, _, terminated, truncated, _ = env.step(chosen.flatten().numpy())
            over = terminated | truncated
            if over.any():
                obs, _ = env.reset(options={"reset_mask": over})
            steps.append((seen, chosen, torch.from_numpy(over).view(agents, W)))
        all_obs, actions, ends = (torch.stack(parts, 1) for parts in zip(*steps, strict=True))
        to_go, weights = torch.zeros(agents, W), torch.empty(agents, STEPS, W)
        for t in reversed(range(STEPS)):
            to_go = weights[:, t] = 1 + 0.99 * to_go * ~ends[:, t]
        weights -= weights.mean((1, 2), keepdim=True)
        log_probs = policy.log_prob(theta, all_obs.flatten(1, 2), actions.flatten(1, 2))
        optimiser.zero_grad()
        (-(weights.flatten(1) * log_probs).sum() / W).backward()
        optimiser.step()
        return agents * W * STEPS

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    timed(update)


if __name__ == "__main__":
    report(main)
