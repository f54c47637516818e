"""Reading and writing a file by what its name ends with."""

import json
from pathlib import Path
from typing import Any

import pandas as pd


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


def write_file(path: str, content: Any) -> None:
    """A table without its index, tensors by name, plain values as JSON; text and bytes as they are."""
    if isinstance(content, pd.DataFrame):
        content.to_csv(path, index=False)
    elif isinstance(content, bytes):
        Path(path).write_bytes(content)
    elif isinstance(content, str):
        Path(path).write_text(content, encoding="utf-8")
    elif path.endswith(".safetensors"):
        from safetensors.torch import save_file

        save_file(content, path)
    else:
        Path(path).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
