"""Somebody else's code in a process of its own: it may crash, hang or leave what it likes behind."""

import json
import os
import select
import signal
import sys
import warnings
from collections.abc import Callable
from time import monotonic
from typing import Any

from pgpipe.errors import told

# Seconds that it may take.
PATIENCE = 120.0


class LostError(Exception):
    """The process ended without an answer, or had to be ended; the text says how."""


def apart(function: Callable[..., Any], *args: Any, patience: float = PATIENCE) -> Any:
    """What a function returns, plain values, called in a fork of this process.  Raises `LostError`."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads: none of them is needed in the fork
        child = os.fork()
    if child == 0:
        _answer(reading, writing, function, args)
    os.close(writing)
    try:
        answer = _read(reading, monotonic() + patience)
        if answer is None:
            os.kill(child, signal.SIGKILL)
    finally:
        os.close(reading)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if answer is None:
        raise LostError(f"no answer within {patience:g} s")
    if not answer:
        name = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit code {status}"
        raise LostError(f"the process it ran in ended with {name}")
    answered = json.loads(answer)
    if "raised" in answered:
        raise LostError(f"it raised {answered['raised']}")
    return answered["value"]


def _answer(reading: int, writing: int, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Be the fork: call, answer, and end, whatever happens."""
    status = 1
    try:
        os.close(reading)
        with os.fdopen(os.open(os.devnull, os.O_WRONLY), "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)  # a simulator's greetings
            os.dup2(nowhere.fileno(), 2)
            if "torch" in sys.modules:  # would wait for threads of the parent, which a fork has not
                sys.modules["torch"].set_num_threads(1)
            try:
                answer = json.dumps({"value": function(*args)})
            except Exception as error:  # somebody else's, in a place where nobody has looked for one
                answer = json.dumps({"raised": told(error)})
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer.encode())
        status = 0
    finally:
        os._exit(status)


def _read(reading: int, until: float) -> bytes | None:
    """All that comes through a pipe; None if that takes too long."""
    pieces: list[bytes] = []
    while (left := until - monotonic()) > 0:
        if select.select([reading], [], [], left)[0]:
            piece = os.read(reading, 65_536)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
    return None
