"""Pack a finished run as a Provenance Run Crate, which WorkflowHub, Zenodo and others read.

    python workflow/crate.py [--agent NAME] [--orcid https://orcid.org/...] [FOLDER]

writes FOLDER/reports/lecture.crate.zip.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pgpipe.errors import UserError


def main(arguments: list[str]) -> int:
    """Pack the run, or say in a line why it cannot be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path())
    parser.add_argument("--agent", default="", help="who ran it")
    parser.add_argument("--orcid", default="", help="that person's ORCID, as an address")
    told = parser.parse_args(arguments)
    try:
        from pgpipe.crate.packing import write_crate
    except ModuleNotFoundError as error:
        print(f"{error}; `make crate` installs it, or: pip install 'pgpipe[crate]'", file=sys.stderr)
        return 1
    crate = told.folder / "reports/lecture.crate.zip"
    try:
        write_crate(told.folder, crate, {"name": told.agent, "orcid": told.orcid})
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The crate: {crate.resolve()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
