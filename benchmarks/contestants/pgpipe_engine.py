"""This engine: all agents' seeds in one batched computation, activations kept from the rollout."""

from harness import AGENT_ROWS, STEPS, report, timed

from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.training.loop import Training
from pgpipe.training.spec import TrainingSpec

CARTPOLE: EnvironmentSpec = {
    "name": "cartpole",
    "id": "CartPole-v1",
    "kwargs": {},
    "max_episode_steps": STEPS,
    "gamma": 0.99,
    "policy": {"kind": "categorical_mlp", "hidden": [64, 64]},
}


def main(agents: int) -> None:
    """Whole episodes of at most 200 steps, until every agent has 32 × 200 steps an update."""
    spec: TrainingSpec = {
        "seed": 0,
        "environment": CARTPOLE,
        "estimator": {
            "signal": "reward_to_go",
            "baseline": "mean",
            "score_discount": True,
            "value": "critic",
            "gae_lambda": 0.95,
            "normalize": False,
            "direction": "vanilla",
            "importance": "none",
            "self_normalize": False,
        },
        "optimizer": "adam",
        "learning_rate": 0.003,
        "kl": None,
        "conjugate_gradient": None,
        "episodes": None,
        "steps": AGENT_ROWS * STEPS,
        "updates": 10**9,
        "reuse": 1,
        "entropy": 0.0,
        "max_gradient_norm": None,
        "value_network": None,
    }
    training = Training(spec, range(agents))

    def update() -> int:
        before = int(training.env_steps.sum())
        training.update()
        return int(training.env_steps.sum()) - before

    timed(update)


if __name__ == "__main__":
    report(main)
