"""Environments with a JAX each: the current one, and the last with the older runtime for processors."""

import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CURRENT, OLDER = "0.10.2", "0.4.31"


def python_of(version: str) -> str:
    """The Python of the environment with this JAX, which is set up if there is none yet."""
    folder = ROOT / f".venv-jax-{version}"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, clear=True, with_pip=True)
        packages = [f"jax=={version}", f"jaxlib=={version}"]
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        subprocess.run(command, check=True)
        (folder / "ready").touch()
    return str(python)
