"""Jobs of a small workflow that take their time, for tests that disturb them."""

import time
from pathlib import Path
from typing import Any


def write_part(spec: dict[str, Any]) -> str:
    """Numbers, after a while, or a longer one where a file says so, to all or to this part; part 0 may be told to ask for much memory."""
    if spec["part"] == "0" and Path("hungry").exists():
        bytearray(2**60)
    time.sleep(spec["seconds"])
    while Path("wait").exists() or Path(f"wait-{spec['part']}").exists():
        time.sleep(0.1)
    return "".join(f"{spec['part']},{number}\n" for number in range(spec["numbers"]))


def join_parts(parts: list[Path]) -> str:
    """All of them in one file."""
    return "".join(path.read_text("utf-8") for path in parts)
