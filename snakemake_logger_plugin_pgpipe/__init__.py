"""What one sees while Snakemake runs: jobs done, what runs now, the time left, the log of a failed job.

Snakemake finds a logger plugin by the name of its package, and `LogHandler` in it. It imports every plugin at
each start, so nothing heavy is imported here.
"""

from snakemake_logger_plugin_pgpipe.handler import LogHandler

__all__ = ["LogHandler"]
