"""Operations counted while torch computes: a cost that is the same on every machine."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry
from typing_extensions import TypedDict

from pgpipe.estimators.pseudo_loss import differentiated
from pgpipe.rollout import policy_for
from pgpipe.sampling import sample_batches
from pgpipe.studies.estimates import GroupSpec, estimators_of


class OperationCount(TorchDispatchMode):
    """Counts the floating-point operations of everything computed inside its `with` block.

    A product of matrices counts its multiplications and additions, by torch's own formulas; every other
    operation that makes floating-point numbers counts one for each of them.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: Any = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run one operation and count it."""
        result = func(*args, **(kwargs or {}))
        if formula := flop_registry.get(func.overloadpacket):
            self.total += formula(*args, **(kwargs or {}), out_val=result)
        elif not func.is_view:
            outputs = result if isinstance(result, tuple | list) else (result,)
            floats = (x for x in outputs if isinstance(x, Tensor) and x.is_floating_point())
            self.total += sum(x.numel() for x in floats)
        return result


class OperationsSpec(TypedDict):
    """The estimators of every environment, and how many trajectories they are counted on."""

    seed: int
    parts: list[GroupSpec]
    n: int


def operations_of(part: GroupSpec, theta: Tensor, seed: int, n: int) -> pd.DataFrame:
    """Floating-point operations of every estimator, alone, on one batch: rows of `estimator_costs.csv`.

    Counted where they are written down plainly, by automatic differentiation.
    """
    environment = part["environment"]
    policy, rows = policy_for(environment), []
    ((batch,),) = (b.split() for b in sample_batches(environment, theta, seed, ("costs",), 1, n))
    steps = int(batch.mask.sum())
    for name, estimator in estimators_of(part, theta).items():
        with OperationCount() as count:
            differentiated(policy, theta, batch, estimator)
        key = {"environment": environment["name"], "estimator": name}
        rows.append(key | {"operations": count.total, "env_steps": steps, "per_step": count.total / steps})
    return pd.DataFrame(rows)


def count_operations(spec: OperationsSpec, policies: Mapping[str, Mapping[str, Tensor]]) -> pd.DataFrame:
    """Operations of every estimator on one batch of each environment, at its untrained policy."""
    each = zip(spec["parts"], policies.values(), strict=True)
    return pd.concat([operations_of(part, own["untrained"], spec["seed"], spec["n"]) for part, own in each])
