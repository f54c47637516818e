"""`python -m snakemake_logger_plugin_pgpipe FOLDER FILE`: the mean timing of each rule, to be shipped."""

import sys

from snakemake_logger_plugin_pgpipe.timings import ship

ship(sys.argv[1:])
