"""What every contestant shares: the size of the problem, the clock, and one line of JSON at the end."""

import json
import resource
import sys
from collections.abc import Callable
from time import perf_counter

AGENT_ROWS = 32  # environments of each agent
STEPS = 200  # an episode's limit, and steps of each environment in an update
UPDATES = 100  # of the training that is timed
SECONDS = 8.0  # that a contestant without such updates runs at least

measured: dict[str, float] = {}


def timed(update: Callable[[], int]) -> None:
    """A training of 100 updates; `update` returns the environment steps it collected and trained on.

    The first update, which compiles and fills caches, is not timed.
    """
    update()
    started = perf_counter()
    steps = sum(update() for _ in range(UPDATES))
    measured["steps_per_second"] = steps / (perf_counter() - started)


def report(main: Callable[[int], None]) -> None:
    """Run a contestant's `main` with the number of agents from the command line; print what was measured."""
    main(int(sys.argv[1]))
    measured["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(measured))
