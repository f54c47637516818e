"""Putting the parts of a table together."""

from pathlib import Path


def gather_table(parts: list[Path]) -> str:
    """One table of all parts, as text, so that no number is read and written again.

    Raises `ValueError` if the parts' columns differ.
    """
    texts = [path.read_text("utf-8").partition("\n") for path in parts]
    if len(headers := {header for header, _, _ in texts}) != 1:
        raise ValueError(f"parts with different columns: {sorted(headers)}")
    return f"{headers.pop()}\n" + "".join(rows for _, _, rows in texts)
