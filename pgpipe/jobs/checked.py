"""Whether the files that a job is about to read are what was made."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pgpipe.errors import UserError
from pgpipe.jobs.files import write_file
from pgpipe.jobs.imports import sha256
from pgpipe.jobs.provenance import RECORDS, read_record, set_time

# Makes the outputs of a recorded job again, in another place; gives their paths there by their own.
MakeAgain = Callable[[Mapping[str, Any]], Mapping[str, str]]


def checked(paths: Iterable[str], make_again: MakeAgain) -> tuple[dict[str, str], list[str]]:
    """The checksum of each file, and a line for each that was not what its record says and was made again.

    A file without a record is somebody else's; any other that is from the future gets the time that is now.
    Raises `UserError` if a file is made otherwise now.
    """
    checksums, notes = {}, []
    for path in paths:
        checksums[path] = sha256(path)
        record = read_record(path)
        if record and record["sha256"] != checksums[path]:
            mend(path, record["job"], make_again)
            checksums[path] = record["sha256"]
            notes.append(f"{path}: changed since it was made (its checksum is not its record's); made again")
        # The clock was set back: Snakemake would end with a job whose outputs look older.
        if record and os.stat(path).st_mtime_ns > (now := time.time_ns()):
            set_time(path, now)
    return checksums, notes


def mend(path: str, job: Mapping[str, Any], make_again: MakeAgain) -> None:
    """Put back, with their times, a file and whatever else of its job's outputs is not as recorded."""
    for output, made in make_again(job).items():
        record = read_record(output)
        if record and (not os.path.exists(output) or sha256(output) != record["sha256"]):
            if sha256(made) != record["sha256"]:
                Path(output).unlink(missing_ok=True)
                raise UserError(
                    f"{output}: changed since it was made, and comes out otherwise now; removed: run again"
                )
            write_file(output, Path(made).read_bytes())
            moment = (RECORDS / f"{output}.json").stat().st_mtime_ns
            os.utime(output, ns=(moment, moment))
