"""Stable-Baselines3's A2C, one agent; here the number is that of its environments."""

from time import perf_counter

import torch
from harness import SECONDS, measured, report
from stable_baselines3 import A2C
from stable_baselines3.common.env_util import make_vec_env


def main(environments: int) -> None:
    """As a user would write it: defaults, a tanh network of 64 × 64, on the CPU."""
    torch.set_num_threads(1)
    model = A2C("MlpPolicy", make_vec_env("CartPole-v1", environments), device="cpu", seed=0)
    model.learn(2_000)
    started, steps = perf_counter(), 0
    while perf_counter() - started < SECONDS:
        model.learn(10_000, reset_num_timesteps=False)
        steps += 10_000
    measured["steps_per_second"] = steps / (perf_counter() - started)


if __name__ == "__main__":
    report(main)
