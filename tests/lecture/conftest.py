"""The config with an override, and tables that claims of several sections read."""

import pandas as pd
import pytest

from pgpipe.config.files import read_config
from pgpipe.lecture.config import Config


@pytest.fixture
def override(tmp_path, root):
    """Read the repository's config with an override file laid over it."""

    def read(text):
        path = tmp_path / "mine.yaml"
        path.write_text(text)
        return read_config(Config, root / "config.yaml", [path])

    return read


@pytest.fixture
def errors():
    """A function from slope and bias to a table objective_error of six series."""

    def table(slope=-0.5, bias=0.0):
        rows = [
            {
                "environment": environment,
                "policy": policy,
                "n_trajectories": n,
                "replicates": 400,
                "exact": 1.0,
                "mean_error": bias * n**-0.5 / 20,
                "standard_error": n**-0.5 / 20,
                "rmse": 2 * n**slope,
                "rmse_low": 2 * n**slope * 0.95,
                "rmse_high": 2 * n**slope * 1.05,
            }
            for environment in ("line", "grid")
            for policy in ("untrained", "half_trained", "trained")
            for n in (1, 4, 16, 64)
        ]
        return pd.DataFrame(rows)

    return table


@pytest.fixture
def study():
    """A function that makes the study's tables: mean gradients off by a factor, or in one component by errors."""

    def tables(scale=1.0, off=0.0, own=None):
        estimators = pd.DataFrame(
            [
                ("total_return", "total_return", "none"),
                ("others", "total_return", "mean"),
                ("own", "total_return", "batch_mean"),
                ("to_go", "reward_to_go", "none"),
            ],
            columns=["estimator", "signal", "baseline"],
        ).assign(importance="none")
        estimators["bias"] = estimators["baseline"].map({"batch_mean": "own trajectory"}).fillna("none")
        components, projections = [], []
        for name in estimators["estimator"]:
            for n in (16, 256):
                shrunk = scale * (1 if name != "own" else (own or 1 - 1 / n))
                key = {"environment": "line", "policy": "trained", "estimator": name, "batch_size": n}
                key["replicates"] = 200
                for parameter, exact in enumerate((3.0, -4.0, 0.0)):
                    components.append(
                        key
                        | {"parameter": parameter, "mean": shrunk * exact + off * 0.01, "exact": exact}
                        | {"standard_error": 0.01 if exact else 0.0, "effective": 60.0 if exact else 0.0}
                    )
                projections.append(key | {"kind": "exact", "projection": shrunk, "standard_error": 0.01})
        return pd.DataFrame(components), pd.DataFrame(projections), estimators

    return tables


@pytest.fixture
def identities():
    """A function that makes a table of one identity in two environments, off by so much in one of them."""

    def table(off=0.0, equation="E5", kind="exact", reference=0.0):
        rows = pd.DataFrame({"environment": ["line", "grid"], "value": [reference, reference + off]})
        return rows.assign(
            equation=equation,
            what="a difference",
            kind=kind,
            reference=reference,
            scale=1.0,
            n=500,
            comparisons=1,
        )

    return table
