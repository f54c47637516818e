"""This engine: whole episodes until every agent has its steps, by the compiled code where it serves."""

from harness import AGENT_ROWS, ENVIRONMENT, ESTIMATOR, STEPS, WIDTHS, measured, report, timed

from pgpipe import compiler
from pgpipe.envs.spec import EnvironmentSpec
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.policies.spec import PolicySpec
from pgpipe.training.loop import Training
from pgpipe.training.spec import ConjugateGradientSpec, TrainingSpec, ValueNetworkSpec

DISCRETE = ("CartPole-v1", "Acrobot-v1")
CHOOSING: PolicySpec = {"kind": "categorical_mlp", "hidden": list(WIDTHS)}
REAL: PolicySpec = {"kind": "gaussian_mlp", "hidden": list(WIDTHS), "sigma": 1.0}
PROBLEM: EnvironmentSpec = {
    "name": "problem",
    "id": ENVIRONMENT,
    "kwargs": {},
    "max_episode_steps": STEPS,
    "gamma": 0.99,
    "policy": CHOOSING if ENVIRONMENT in DISCRETE else REAL,
}
REINFORCE: EstimatorSpec = {
    "signal": "reward_to_go",
    "baseline": "mean",
    "score_discount": True,
    "value": "critic",
    "gae_lambda": 0.95,
    "normalize": False,
    "direction": "vanilla",
    "importance": "none",
    "self_normalize": False,
}
CRITIC: ValueNetworkSpec = {"hidden": [64, 64], "learning_rate": 0.003, "gradient_steps": 5}
SOLVER: ConjugateGradientSpec = {"iterations": 10, "residual": 1e-6, "damping": 0.01}


def recipe() -> TrainingSpec:
    """That of the command line: `plain` is REINFORCE without the compiler."""
    estimator = REINFORCE.copy()
    if ESTIMATOR == "gae":
        estimator["signal"], estimator["baseline"] = "gae", "value"
    elif ESTIMATOR == "natural":
        estimator["direction"] = "natural"
    elif ESTIMATOR == "per_parameter":
        estimator["baseline"] = "optimal"
    return {
        "seed": 0,
        "environment": PROBLEM,
        "estimator": estimator,
        "optimizer": "adam",
        "learning_rate": 0.003,
        "kl": None,
        "conjugate_gradient": SOLVER if ESTIMATOR == "natural" else None,
        "episodes": None,
        "steps": AGENT_ROWS * STEPS,
        "updates": 10**9,
        "reuse": 1,
        "entropy": 0.0,
        "max_gradient_norm": None,
        "value_network": CRITIC if ESTIMATOR == "gae" else None,
    }


def main(agents: int) -> None:
    """Whole episodes of at most 200 steps, until every agent has 32 × 200 steps an update."""
    if ESTIMATOR == "plain":
        compiler.COMPILES = False
    training = Training(recipe(), range(agents))

    def update() -> int:
        before = int(training.env_steps.sum())
        training.update()
        return int(training.env_steps.sum()) - before

    measured["version"] = "compiled" if compiler.COMPILES else "plain"
    timed(update)


if __name__ == "__main__":
    report(main)
