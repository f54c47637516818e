"""A live display of a few lines, for terminals."""

from pathlib import Path
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from snakemake_logger_plugin_pgpipe.estimate import seconds_left
from snakemake_logger_plugin_pgpipe.run import Run
from snakemake_logger_plugin_pgpipe.text import counts, duration, last_said, roughly
from snakemake_logger_plugin_pgpipe.timings import Timings, expected_of_job

SHOWN = 6  # running jobs


def picture(run: Run, timings: Timings, now: float) -> RenderableType:
    """The display: a bar with counts, time so far and time left, then a line for each running job."""
    return Group(_whole(run, timings, now), _jobs(run, timings, now))


def _whole(run: Run, timings: Timings, now: float) -> Table:
    """The bar, and the state of the run beside it."""
    head = Table.grid(padding=(0, 1), expand=True)
    head.add_column(ratio=1)
    head.add_column(no_wrap=True)
    bar = ProgressBar(total=run.n_planned, completed=len(run.done), complete_style="green")
    so_far = duration(now - run.begun)
    state = Text(f"{counts(run)}, {so_far} so far, {roughly(seconds_left(run, timings, now))}")
    if run.failed:
        state.stylize("red")
    head.add_row(bar, state)
    return head


def _jobs(run: Run, timings: Timings, now: float) -> Table:
    """What runs: which job, for how long, of how long as far as is known, and the last it said in its log."""
    jobs = Table.grid(padding=(0, 2), expand=True)
    jobs.add_column(no_wrap=True, overflow="ellipsis")
    jobs.add_column(no_wrap=True)
    jobs.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    running = sorted(run.running.values(), key=lambda job: job.started)
    for job in running[:SHOWN]:
        usual = expected_of_job(timings, job.name)
        usually = f" of about {duration(max(1, usual))}" if usual is not None else ""
        so_far = duration(now - job.started)
        said = last_said(Path(job.log[0])) if job.log else ""
        jobs.add_row(Text(f"  {job.label}"), Text(so_far + usually, style="dim"), Text(said, style="dim"))
    if len(running) > SHOWN:
        jobs.add_row(Text(f"  and {len(running) - SHOWN} more", style="dim"))
    for _ in range(len(running), min(run.cores, SHOWN)):
        jobs.add_row("")  # the height stays while one job ends and the next one starts
    return jobs


class LiveDisplay:
    """Keeps the picture at the foot of the terminal; messages go above it."""

    def __init__(self, stream: TextIO, timings: Timings, no_color: bool) -> None:
        self.console = Console(file=stream, no_color=no_color, highlight=False)
        self.timings = timings
        # Drawn by whoever calls `update`: Rich's own thread would show the same moment again.
        self.live = Live(console=self.console, auto_refresh=False, transient=True)

    def begin(self, run: Run) -> None:
        """The run starts."""
        self.live.start()

    def update(self, run: Run, now: float) -> None:
        """Time has passed or something has happened."""
        self.live.update(picture(run, self.timings, now), refresh=True)

    def say(self, text: str) -> None:
        """Print a message above the picture."""
        self.console.print(Text(text), soft_wrap=True)

    def close(self) -> None:
        """Take the picture away and give the cursor back."""
        self.live.stop()
