"""pgpipe's own environments, registered with Gymnasium when this package is imported.

`pgpipe/Name-v0` lives in the module `name` of this package: a single environment `NameEnv` and a vector
environment `NameVectorEnv` that computes many at once.
"""

from gymnasium.envs.registration import register

for _name in ("Line", "Grid", "Bandit", "Chain"):
    register(
        id=f"pgpipe/{_name}-v0",
        entry_point=f"pgpipe.envs.{_name.lower()}:{_name}Env",
        vector_entry_point=f"pgpipe.envs.{_name.lower()}:{_name}VectorEnv",
    )
