"""The one script of all rules: it runs the job that the rule's `params.job` describes (`pgpipe/jobs/job.py`).

Any job can be run again by itself, at a prompt or in a debugger, from the record of a file it made. It writes
into a folder of its own and says whether the same bytes came out:

    python workflow/run.py results/provenance/reports/tables/flows.csv.json
    python -m pdb workflow/run.py results/provenance/reports/tables/flows.csv.json
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if "snakemake" not in globals():
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    # as the Snakefile has it for every job
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

from workflow.fork_server import Ended, end_with_run, run_forked

# How outputs are called that are records of others: jobs leave one of every output, declared or not.
RECORD = "_record"


def main(snakemake: Any) -> int:  # Snakemake's description of the job, whose class has no types
    """Run a rule's job: in a fork of the process that has the libraries already, or else here."""
    paths = {
        kind: {name: value if isinstance(value, str) else list(value) for name, value in files.items()}
        for kind, files in (("inputs", snakemake.input), ("outputs", snakemake.output))
    }
    outputs: dict[str, Any] = paths["outputs"]
    records = {name: outputs.pop(name) for name in list(outputs) if name.endswith(RECORD)}
    job = {"rule": snakemake.rule, **snakemake.params.job, **paths, "log": snakemake.log[0]}
    job["memory_mb"] = getattr(snakemake.resources, "mem_mb", None)
    end_with_run()
    ended = run_forked(job)
    if ended is None:
        from pgpipe.jobs.job import Job, perform

        ended = Ended(0, perform(Job(**job)))
    if ended.status == 0:
        place_records(records, outputs)
    for line in ended.said:
        print(line, file=sys.stderr)
    return ended.status


def place_records(records: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Have the records that a rule declares where it says: elsewhere than jobs leave them, in a module."""
    for name, path in records.items():
        left = Path("results/provenance") / f"{outputs[name.removesuffix(RECORD)]}.json"
        if Path(path) != left:
            Path(path).write_bytes(left.read_bytes())


def replay(record: str) -> int:
    """Run the job that made a file again, and compare what it makes now with the record."""
    import json

    from pgpipe.jobs.imports import sha256
    from pgpipe.jobs.job import AGAIN, make_again
    from pgpipe.jobs.provenance import RECORDS
    from pgpipe.plugins.loading import PLACES

    read = json.loads(Path(record).read_text("utf-8"))
    os.environ.setdefault(PLACES, read.get("places", "{}"))
    same = True
    for path, made in make_again(read["job"], AGAIN).items():
        then = json.loads((RECORDS / f"{path}.json").read_text("utf-8"))["sha256"]
        same &= (equal := sha256(made) == then)
        print(f"{made}: {'the same as' if equal else 'differs from'} {path}")
    return 0 if same else 1


if "snakemake" in globals():
    sys.exit(main(globals()["snakemake"]))
elif __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python workflow/run.py RECORD, a file under results/provenance")
    sys.exit(replay(sys.argv[1]))
