"""A job: a function called with a spec and the files it names, in a frame of log, timing and provenance.

A job is described by plain values, so it can be sent to another process, kept in a record, and run again:

    function  "pgpipe.lecture.what_the_gradient_does.steps:measure_steps"
    spec      what the function depends on beside its inputs
    uses      the modules and files that the spec brings into play by name
    code      checksum of the function's source, of what it imports, and of `uses`
    plugins   those that it uses, by their names: where they lie decides nothing
"""

import json
import os
import random
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path
from shutil import rmtree
from time import monotonic
from typing import Any

import numpy as np

from pgpipe.allowance import allow
from pgpipe.errors import UserError
from pgpipe.jobs.checked import checked
from pgpipe.jobs.files import read_file, write_file
from pgpipe.jobs.frame import cost, forget, open_log, told_in_log
from pgpipe.jobs.memory import keep_freed_memory
from pgpipe.jobs.placing import placed
from pgpipe.jobs.provenance import write_records
from pgpipe.jobs.trouble import refused
from pgpipe.plugins.loading import import_named

TIMINGS = Path("results/timings")

# Where what a record describes is made again.
AGAIN = Path("replayed")

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


def perform(job: Job) -> list[str]:
    """Run the job with its messages in its log; leave its outputs, a record of each, and what it cost.

    The log starts with the rule and the spec, so a failure names what failed; what somebody else's code did,
    or the machine refused, is told in its last line. Gives the lines that the terminal shall show, too.
    """
    started = monotonic()
    keep_freed_memory()
    timing = TIMINGS / f"{job.name}.json"
    if job.memory_mb:
        allow(job.memory_mb)
    try:
        open_log(job.log, job.rule, job.spec)
        forget(job.outputs.values(), timing)
        inputs, notes = _checked_inputs(job)
        make_outputs(job)
        write_records(_recorded(job), inputs)
        timing.parent.mkdir(parents=True, exist_ok=True)
        with placed(timing) as new:
            new.write_text(json.dumps(cost(started)))
    except Exception as error:
        with suppress(OSError):
            forget(job.outputs.values(), timing)  # makes room for what is to be said, too
        if line := str(error) if isinstance(error, UserError) else refused(error, job.memory_mb):
            raise SystemExit(told_in_log(job.log, line)) from None
        raise
    return notes


def _checked_inputs(job: Job) -> tuple[dict[str, str], list[str]]:
    """The checksums of the inputs, and which were not what was made; these are put back as they were."""
    folder = AGAIN / str(os.getpid())
    inputs, notes = checked(_flat(job.inputs), lambda recorded: make_again(recorded, folder))
    for note in notes:
        print(note, flush=True)
    rmtree(folder, ignore_errors=True)
    return inputs, notes


def make_again(recorded: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Make the outputs of a recorded job again, in a folder of their own; their paths there by their own."""
    outputs = {name: str(folder / path) for name, path in recorded["outputs"].items()}
    for path in outputs.values():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    # by another name for its code, it leaves the checkpoint of a training that still runs alone
    job = Job(**dict(recorded) | {"outputs": outputs, "code": f"{recorded['code']} again in {folder}"})
    checked(_flat(job.inputs), lambda recorded: make_again(recorded, folder))
    make_outputs(job)
    return {recorded["outputs"][name]: path for name, path in outputs.items()}


def _flat(inputs: Mapping[str, Paths]) -> list[str]:
    """The paths of all inputs."""
    named = ([paths] if isinstance(paths, str) else paths for paths in inputs.values())
    return [path for paths in named for path in paths]


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
    if missing := [name for name, it in asked.items() if it.default is it.empty and name not in known]:
        given = ", ".join(known)
        raise TypeError(f"{job.function} asks for {', '.join(missing)}; rule {job.rule} gives {given}")
    before = _global_generators()
    result = function(**{name: known[name] for name in asked if name in known})
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
