"""What one core could do at most: the network's multiplications and tanh at their measured rates, no more."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
from harness import measured, report

LAYERS = ((4, 64), (64, 64), (64, 2))
FORWARD = sum(2 * a * b for a, b in LAYERS)
# the derivatives by the weights, and by the inputs of all layers but the first
BACKWARD = FORWARD + sum(2 * a * b for a, b in LAYERS[1:])
TANHS = 128


def rate(work: Callable[[], object], amount: float) -> float:
    """The best of many repetitions, per second."""
    best = np.inf
    for _ in range(200):
        started = perf_counter()
        work()
        best = min(best, perf_counter() - started)
    return amount / best


def main(agents: int) -> None:
    """Batches of 512 steps of 64 numbers in single precision, which fit the cache."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(512, 64)).astype("f4"), rng.normal(size=(64, 64)).astype("f4")
    y = np.empty_like(x)
    multiplications = rate(lambda: np.matmul(x, w, out=y), 2 * 512 * 64 * 64)
    tanhs = rate(lambda: np.tanh(x, out=y), x.size)
    measured["gflops"], measured["gtanhs"] = multiplications / 1e9, tanhs / 1e9
    measured["steps_per_second"] = 1 / ((FORWARD + BACKWARD) / multiplications + TANHS / tanhs)


if __name__ == "__main__":
    report(main)
