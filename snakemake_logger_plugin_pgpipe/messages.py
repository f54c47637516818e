"""Which of Snakemake's own words are passed on, and when they are left alone altogether."""

from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

# What Snakemake says of itself in every run, and what the display or a failed job's own lines say better.
KNOWN = (
    "None",
    "Assuming unrestricted shared filesystem usage",
    "Building DAG of jobs",
    "Using shell:",
    "Group jobs: inactive",
    "Conda environments: ignored",
    "Singularity containers: ignored",
    "Select jobs to execute",
    "Removing output files of failed job",
    "Shutting down, this might take some time",
    "Exiting because a job execution failed",
    "WorkflowError:\nAt least one job did not complete successfully",
    "Elapsed time:",
)
SILENT = {LogEvent.JOB_STARTED, LogEvent.SHELLCMD, LogEvent.PROGRESS, LogEvent.GROUP_INFO, LogEvent.RULEGRAPH}


def is_worth_saying(message: str, event: LogEvent | None) -> bool:
    """Whether a message without a place in the display is for the user.

    A script or shell command that ended with an error is not: the failed job's own event follows.
    """
    if event in SILENT or not message or message.startswith(KNOWN):
        return False
    return not (event == LogEvent.ERROR and "CalledProcessError" in message)


def stands_aside(settings: Any) -> bool:
    """Whether Snakemake's own output is wanted: in a dry run, or if more words are asked for, or none."""
    wants_more = settings.verbose or settings.debug_dag or settings.printshellcmds
    quiet = {getattr(item, "name", str(item)).upper() for item in settings.quiet or ()}
    # Without "progress" Snakemake sends no event when a job ends.
    return bool(settings.dryrun or wants_more or quiet & {"ALL", "PROGRESS"})
