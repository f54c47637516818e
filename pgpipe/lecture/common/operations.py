"""Operations counted while torch computes: a cost that is the same on every machine."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


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
