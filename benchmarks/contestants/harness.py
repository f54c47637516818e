"""What every contestant shares: the size of the problem, the clock, and one line of JSON at the end."""

import json
import resource
import sys
from collections.abc import Callable
from time import perf_counter

AGENT_ROWS = 32  # environments of each agent
STEPS = 200  # an episode's limit, and steps of each environment in an update
WARM_UP, SECONDS = 3, 8.0  # updates before the clock starts, and how long it runs at least

measured: dict[str, float] = {}


def timed(update: Callable[[], int]) -> None:
    """Repeat `update`, which returns the environment steps it collected and trained on."""
    for _ in range(WARM_UP):
        update()
    started, steps = perf_counter(), 0
    while perf_counter() - started < SECONDS:
        steps += update()
    measured["steps_per_second"] = steps / (perf_counter() - started)


def report(main: Callable[[int], None]) -> None:
    """Run a contestant's `main` with the number of agents from the command line; print what was measured."""
    main(int(sys.argv[1]))
    measured["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(measured))
