"""The plugin itself: Snakemake's events in, a display out."""

import errno
import os
import sys
import threading
import time
from dataclasses import replace
from logging import LogRecord
from pathlib import Path
from typing import Any, Protocol

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_pgpipe import text
from snakemake_logger_plugin_pgpipe.estimate import seconds_left
from snakemake_logger_plugin_pgpipe.messages import is_worth_saying, stands_aside
from snakemake_logger_plugin_pgpipe.plain import PlainDisplay
from snakemake_logger_plugin_pgpipe.run import Job, Run, fail, finish, start
from snakemake_logger_plugin_pgpipe.timings import Timings, read_jobs, read_rules

LOG_HINT = "Complete log(s): "


class Display(Protocol):
    """Where a run is shown."""

    def begin(self, run: Run) -> None:
        """The run starts."""

    def update(self, run: Run, now: float) -> None:
        """Time has passed."""

    def say(self, text: str) -> None:
        """There is something to say."""

    def close(self) -> None:
        """The run is over."""


class LogHandler(LogHandlerBase):
    """Shows a run; what is no run, or asks for other words, it leaves to Snakemake's own handler."""

    def __post_init__(self) -> None:
        """Nothing is shown before Snakemake says what it will do."""
        self.aside = stands_aside(self.common_settings)
        self.stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self.run = Run(begun=time.time())
        self.timings = Timings()
        self.home = Path.cwd()  # where the user is; paths are printed from there
        self.log = ""
        self.display: Display | None = None
        self.over = threading.Event()
        self.reactions = {
            LogEvent.WORKFLOW_STARTED: self._workflow_started,
            LogEvent.RESOURCES_INFO: self._resources,
            LogEvent.RUN_INFO: self._planned,
            LogEvent.JOB_INFO: self._job_started,
            LogEvent.JOB_FINISHED: self._job_finished,
            LogEvent.JOB_ERROR: self._job_failed,
        }

    def emit(self, record: LogRecord) -> None:
        """React to an event, or pass a message on; a mistake in here must not stop the run."""
        if self.aside:
            return
        try:
            event: Any = getattr(record, "event", None)
            if event in self.reactions:
                self.reactions[event](record)
                self._refresh()
            else:
                self._message(record)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """The run is over, or was interrupted. Snakemake calls this more than once."""
        self.over.set()
        self.acquire()
        display, self.display = self.display, None
        self.release()
        if display:
            display.close()
            display.say(text.last_line(self.run, time.time(), self.log))
        super().close()

    def _workflow_started(self, record: Any) -> None:
        """Read what is known of the jobs: this folder's last run, and what comes with the workflow."""
        shipped = Path(record.basedir) / "workflow" / "timings.json"
        self.timings = Timings(jobs=read_jobs(Path("results/timings")), rules=read_rules(shipped))

    def _resources(self, record: Any) -> None:
        cores = getattr(record, "cores", None) or getattr(record, "nodes", None)
        if cores and cores < sys.maxsize:
            self.run = replace(self.run, cores=cores)

    def _planned(self, record: Any) -> None:
        planned = {rule: count for rule, count in record.stats.items() if rule != "total"}
        self.run = replace(self.run, planned=planned, begun=record.created)
        self.display = self._open()
        self.display.say(text.first_line(self.run, seconds_left(self.run, self.timings, record.created)))
        self.display.begin(self.run)
        threading.Thread(target=self._watch, daemon=True).start()

    def _open(self) -> Display:
        """The live display where there is a terminal, else the plain one."""
        if self.stream.isatty() and os.environ.get("TERM", "dumb") != "dumb":
            try:
                from snakemake_logger_plugin_pgpipe.live import LiveDisplay
            except ImportError:  # Rich is not there: somebody else's environment
                pass
            else:
                return LiveDisplay(self.stream, self.timings, self.common_settings.nocolor)
        return PlainDisplay(self.stream, self.timings)

    def _watch(self) -> None:
        """Show that time passes while nothing happens."""
        while not self.over.wait(1.0):
            self.acquire()
            try:
                self._refresh()
            finally:
                self.release()

    def _refresh(self) -> None:
        if self.display:
            self.display.update(self.run, time.time())

    def _job_started(self, record: Any) -> None:
        self.run = start(self.run, record.jobid, self._job(record, dict(record.wildcards or {})))

    def _job_finished(self, record: Any) -> None:
        self.run = finish(self.run, record.job_id, record.created)

    def _job_failed(self, record: Any) -> None:
        self.run = fail(self.run, record.jobid, self._job(record, {}))
        job = self.run.failed[-1]
        paths = [Path(path) for path in record.log]
        tails = [(os.path.relpath(path, self.home), text.tail_of(path)) for path in paths]
        self._say(text.failure(job, tails))

    def _job(self, record: Any, wildcards: dict[str, str]) -> Job:
        log = tuple(map(str, record.log))
        name = log[0].removeprefix("logs/").removesuffix(".log") if log else record.rule_name
        return Job(record.rule_name, name, text.label(record.rule_name, wildcards), log, record.created)

    def _message(self, record: LogRecord) -> None:
        message = record.getMessage()
        if message.startswith(LOG_HINT):
            self.log = os.path.relpath(message.removeprefix(LOG_HINT), self.home)
        elif is_worth_saying(message, getattr(record, "event", None)):
            self._say(message)
            if os.strerror(errno.ENOSPC) in message:  # Snakemake's own files; it does not say where
                self._say(text.full_disk(Path.cwd()))

    def _say(self, message: str) -> None:
        if self.display:
            self.display.say(message)
        else:
            print(message, file=self.stream, flush=True)

    @property
    def writes_to_stream(self) -> bool:
        """Where this handler stands aside, Snakemake adds its own."""
        return not self.aside

    @property
    def writes_to_file(self) -> bool:
        """Snakemake's own log under `.snakemake/log` stays as it is."""
        return False

    @property
    def has_filter(self) -> bool:
        """Snakemake's filter would drop failed jobs with `--quiet rules`."""
        return True

    @property
    def has_formatter(self) -> bool:
        """The display has words of its own."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """Counts are enough."""
        return False
