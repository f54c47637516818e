"""Few lines, for where there is no terminal: a file, a pipe, CI."""

from typing import TextIO

from snakemake_logger_plugin_pgpipe.estimate import seconds_left
from snakemake_logger_plugin_pgpipe.run import Run
from snakemake_logger_plugin_pgpipe.text import plain_line
from snakemake_logger_plugin_pgpipe.timings import Timings


def is_due(seconds: float, share: float) -> bool:
    """Whether another line is due, so long after the last one, with so much more of the jobs done.

    Every 5 % but not more often than every 30 seconds; and a sign of life every 5 minutes.
    """
    return (seconds >= 30 and share >= 0.05) or seconds >= 300


class PlainDisplay:
    """Prints a line now and then."""

    def __init__(self, stream: TextIO, timings: Timings) -> None:
        self.stream = stream
        self.timings = timings
        self.shown_at = 0.0
        self.shown_done = 0

    def begin(self, run: Run) -> None:
        """The run starts."""
        self.shown_at = run.begun

    def update(self, run: Run, now: float) -> None:
        """Time has passed or something has happened."""
        share = (len(run.done) - self.shown_done) / max(1, run.n_planned)
        if is_due(now - self.shown_at, share):
            self.shown_at, self.shown_done = now, len(run.done)
            self.say(plain_line(run, seconds_left(run, self.timings, now), now))

    def say(self, text: str) -> None:
        """Print a message."""
        print(text, file=self.stream, flush=True)

    def close(self) -> None:
        """There is nothing to clear away."""
