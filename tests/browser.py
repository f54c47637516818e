"""A browser for tests: Debian's Chromium, driven by Playwright; what it lacks is said once."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).resolve().parent.parent / ".cache/axe/package/axe.min.js"

Scheme = Literal["light", "dark"]
INSIDE = ("file:", "data:", "blob:")

# `.ci/run` has both, and means it.
REQUIRED = "PGPIPE_BROWSER" in os.environ

needs_browser = pytest.mark.skipif(
    not (REQUIRED or (CHROMIUM and AXE.is_file())), reason="no Chromium or no axe-core: see .ci/browser"
)


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser; a process can have one at a time."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def window(
    browser: Browser, path: Path, width: int = 1280, scheme: Scheme = "light"
) -> Iterator[tuple[Page, list[str]]]:
    """A page in a window without a past, and a list of what goes wrong: messages, errors, requests beyond the file."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(INSIDE) else wrong.append(asked.url))
    page.goto(path.as_uri())
    page.wait_for_function("document.fonts.status === 'loaded'")
    try:
        yield page, wrong
    finally:
        page.close()
