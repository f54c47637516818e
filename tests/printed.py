"""What a reader finds in a PDF."""

import shutil
import subprocess
from pathlib import Path

import pytest
from browser import REQUIRED


def words_of(pdf: bytes, folder: Path) -> list[str]:
    """The words of each page, with single spaces; `folder` is for a while the PDF's."""
    if not (REQUIRED or shutil.which("pdftotext")):
        pytest.skip("no pdftotext: see .ci/browser")
    (folder / "printed.pdf").write_bytes(pdf)
    command = ["pdftotext", "-layout", str(folder / "printed.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    # without what keeps words together, and what parts them at the end of a line
    joined = text.replace("\u2060", "").replace("\u00ad\n", "")
    return [" ".join(page.split()) for page in joined.split("\f")[:-1]]
