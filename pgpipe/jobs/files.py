"""Reading and writing a file by what its name ends with."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pandas as pd

from pgpipe.jobs.placing import placed


def read_file(path: str) -> Any:
    """A table (.csv), tensors by name (.safetensors), plain values (.json), text (.md), or else bytes."""
    match Path(path).suffix:
        case ".csv":
            return pd.read_csv(path)
        case ".safetensors":
            from safetensors.torch import load_file  # imports torch, which few jobs need

            return load_file(path)
        case ".json":
            return json.loads(Path(path).read_text("utf-8"))
        case ".md":
            return Path(path).read_text("utf-8")
        case _:
            return Path(path).read_bytes()


def write_file(path: str | Path, content: Any) -> None:
    """A table without its index, tensors by name, plain values as JSON; text and bytes as they are."""
    with placed(path) as new:
        _write(new, content, Path(path).suffix)


def _write(path: Path, content: Any, suffix: str) -> None:
    if isinstance(content, pd.DataFrame):
        content.to_csv(path, index=False)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif suffix == ".safetensors":
        _save_tensors(path, content)
    else:
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _save_tensors(path: Path, tensors: dict[str, Any]) -> None:
    """Raises `OSError` for what the system refuses, of which the library tells in words alone."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    try:
        save_file(tensors, path)
    except SafetensorError as error:
        if number := re.search(r"\(os error (\d+)\)", str(error)):
            raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from None
        raise
