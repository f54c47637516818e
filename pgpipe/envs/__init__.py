"""Batched environments, and the registration of pgpipe's own with Gymnasium when this package is imported.

`pgpipe/Name-v0` lives in the module `name` of this package: a single environment `NameEnv` and a vector
environment `NameVectorEnv` that computes many at once.
"""

from gymnasium.envs.registration import register

# The class that computes many environments of an id at once; other ids are stepped one by one.
BATCHED = {
    "CartPole-v1": "pgpipe.envs.cartpole:CartPoleVectorEnv",
    "Acrobot-v1": "pgpipe.envs.acrobot:AcrobotVectorEnv",
    "Pendulum-v1": "pgpipe.envs.pendulum:PendulumVectorEnv",
    "MountainCarContinuous-v0": "pgpipe.envs.mountain_car_continuous:MountainCarContinuousVectorEnv",
}

for _name in ("Line", "Grid", "Bandit", "Chain", "Coin", "Prompts"):
    BATCHED[f"pgpipe/{_name}-v0"] = f"pgpipe.envs.{_name.lower()}:{_name}VectorEnv"
    register(
        id=f"pgpipe/{_name}-v0",
        entry_point=f"pgpipe.envs.{_name.lower()}:{_name}Env",
        vector_entry_point=BATCHED[f"pgpipe/{_name}-v0"],
    )
