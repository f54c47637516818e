"""What every contestant shares: the problem and its size, the clock, and one line of JSON at the end."""

import json
import resource
import sys
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

AGENT_ROWS = 32  # environments of each agent
STEPS = 200  # an episode's limit, and steps of each environment in an update
UPDATES = 100  # of the training that is timed, or as many as take so many seconds
SECONDS = 5.0
# What the command line says after the number of agents: the environment, hidden layers, how ours estimates.
DEFAULTS = ("CartPole-v1", "64,64", "reinforce")
ENVIRONMENT, HIDDEN, ESTIMATOR = (*sys.argv[2:], *DEFAULTS[len(sys.argv) - 2 :])
WIDTHS = tuple(int(width) for width in HIDDEN.split(","))

measured: dict[str, Any] = {}


def timed(update: Callable[[], int]) -> None:
    """A training of 100 updates, or of some seconds; `update` returns the environment steps it trained on.

    The first update, which compiles and fills caches, is not timed, but told.
    """
    begun = process_time()
    update()
    measured["first_seconds"] = process_time() - begun
    started, used, steps = perf_counter(), process_time(), 0
    for _ in range(UPDATES):
        steps += update()
        if perf_counter() - started > SECONDS:
            break
    measured["steps_per_second"] = steps / (perf_counter() - started)
    measured["cpu_microseconds"] = 1e6 * (process_time() - used) / steps


def report(main: Callable[[int], None]) -> None:
    """Run a contestant's `main` with the number of agents from the command line; print what was measured."""
    main(int(sys.argv[1]))
    measured["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(measured))
