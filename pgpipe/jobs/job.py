"""A job: a function called with a spec and the files it names, in a frame of log, timing and provenance.

A job is described by plain values, so it can be sent to another process, kept in a record, and run again:

    function  "pgpipe.lecture.what_the_gradient_does.steps:measure_steps"
    spec      what the function depends on beside its inputs
    uses      the modules and files that the spec brings into play by name
    code      checksum of the function's source, of what it imports, and of `uses`
    plugins   those that it uses, by their names: where they lie decides nothing
"""

import json
import logging
import os
import random
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from pgpipe.allowance import allow
from pgpipe.errors import UserError
from pgpipe.jobs.files import read_file, write_file
from pgpipe.jobs.memory import keep_freed_memory
from pgpipe.jobs.provenance import write_records
from pgpipe.plugins.loading import import_named

TIMINGS = Path("results/timings")

Paths = str | list[str]

# What a log says of a job whose result is not told by its spec.
DREW_GLOBALLY = "drew from a global random generator: its results are not the same twice"


@dataclass(frozen=True)
class Job:
    """One job of a rule, with the files it reads and writes by name, relative to the working directory."""

    rule: str
    function: str
    spec: Mapping[str, Any]
    uses: Sequence[str]
    code: str
    inputs: Mapping[str, Paths]
    outputs: Mapping[str, str]
    log: str
    memory_mb: float | None = None  # that it may have; None where nothing is said
    plugins: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The rule and its wildcards, as the log is called: `train_block/critic/0`."""
        return self.log.removeprefix("logs/").removesuffix(".log")


def perform(job: Job) -> None:
    """Run the job with its messages in its log; leave its outputs, a record of each, and what it cost.

    The log starts with the rule and the spec, so a failure names what failed; what somebody else's code did
    is told in its last line.
    """
    started = monotonic()
    keep_freed_memory()
    with Path(job.log).open("w", encoding="utf-8") as log:
        log.write(f"rule {job.rule}\nspec {json.dumps(job.spec, sort_keys=True)}\n")
    descriptor = os.open(job.log, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    logging.basicConfig(format="%(message)s")
    logging.getLogger("pgpipe").setLevel(logging.INFO)
    if job.memory_mb:
        allow(job.memory_mb)
    try:
        make_outputs(job)
    except UserError as error:
        sys.stdout.flush()
        with Path(job.log).open("a", encoding="utf-8") as log:
            log.write(f"{error}\n")
        raise SystemExit(1) from None
    write_records(_recorded(job))
    used = resource.getrusage(resource.RUSAGE_SELF)
    cost = {
        "seconds": round(monotonic() - started, 3),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
        "max_memory_mb": round(used.ru_maxrss / 1024, 1),
    }
    timing = TIMINGS / f"{job.name}.json"
    timing.parent.mkdir(parents=True, exist_ok=True)
    timing.write_text(json.dumps(cost))


def _recorded(job: Job) -> dict[str, Any]:
    """What decides its outputs; of plugins where it uses some."""
    left_out = {"memory_mb"} if job.plugins else {"memory_mb", "plugins"}
    return {name: value for name, value in asdict(job).items() if name not in left_out}


def make_outputs(job: Job) -> None:
    """Call the job's function with what its parameters name, and write what it returns.

    `spec` is the spec, `checkpoint` where a long training may leave its state; every other parameter is the
    input of that name, read from its file, or a dictionary by path where the rule lists several. A rule with
    one output gets what the function returns, a rule with several a dictionary by their names.
    Raises `ValueError` if the function makes other outputs than the rule declares.
    """
    import_named(job.plugins)
    module, _, name = job.function.partition(":")
    function = getattr(import_module(module), name)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)  # the same bytes whatever the number of cores
    asked = signature(function).parameters
    checkpoint = _checkpoint(job) if "checkpoint" in asked else None
    known = {"spec": job.spec, "checkpoint": checkpoint}
    known |= {
        name: _read(paths, asked[name].annotation) for name, paths in job.inputs.items() if name in asked
    }
    if missing := [name for name in asked if name not in known]:
        given = ", ".join(known)
        raise TypeError(f"{job.function} asks for {', '.join(missing)}; rule {job.rule} gives {given}")
    before = _global_generators()
    result = function(**{name: known[name] for name in asked})
    if before.items() - _global_generators().items():
        print(f"{job.function} {DREW_GLOBALLY}", flush=True)
    made = result if len(job.outputs) > 1 else dict.fromkeys(job.outputs, result)
    if set(made) != set(job.outputs):
        raise ValueError(
            f"{job.function} made {sorted(made)}; rule {job.rule} declares {sorted(job.outputs)}"
        )
    for output, path in job.outputs.items():
        write_file(path, made[output])
    if checkpoint:
        checkpoint.clear()


def _global_generators() -> dict[str, Any]:
    """The states of the generators that no job may draw from: every stream of randomness is an argument."""
    states: dict[str, Any] = {"random": random.getstate()}
    states["numpy"] = np.random.get_state()[1].tobytes()  # type: ignore[index]  # noqa: NPY002  looked at, not used
    if "torch" in sys.modules:
        states["torch"] = sys.modules["torch"].get_rng_state().numpy().tobytes()
    return states


def _read(paths: Paths, annotation: Any) -> Any:
    """The content of an input; the paths alone where the parameter is annotated with `Path`."""
    if annotation == Path or annotation == list[Path]:
        return Path(paths) if isinstance(paths, str) else [Path(path) for path in paths]
    return read_file(paths) if isinstance(paths, str) else {path: read_file(path) for path in paths}


def _checkpoint(job: Job) -> Any:
    """Where this job, with this code, may have left its state."""
    from pgpipe.training.checkpoints import Checkpoint  # imports torch, which few jobs need

    return Checkpoint(job.spec, job.code)
