"""Rebuild the lecture in a fresh folder, and compare every file with a run's manifest or with the reference.

    python workflow/verify.py                                  # `make verify`: beside the run in this folder
    python workflow/verify.py --section off_policy             # a part of it
    python workflow/verify.py --run runs/tiny                  # beside that run, with its config
    python workflow/verify.py --against reports/reference.json
    python workflow/verify.py --rebuilt runs/tiny              # beside what lies there, without rebuilding
    python workflow/verify.py reference                        # `make reference`: of the run in this folder

The status is 0 if all is identical or within tolerance, 1 if something differs, 2 if it cannot be compared.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pgpipe.config.estimators import Estimator  # noqa: E402
from pgpipe.config.reading import read_file  # noqa: E402
from pgpipe.config.recipes import Recipe  # noqa: E402
from pgpipe.errors import UserError  # noqa: E402
from pgpipe.lecture.registry import SECTIONS  # noqa: E402
from pgpipe.nearest import nearest_name  # noqa: E402
from pgpipe.verification.comparing import Comparison, compare  # noqa: E402
from pgpipe.verification.reference import as_text, make_reference  # noqa: E402
from pgpipe.verification.runs import MANIFEST, Run, files_of, read_run  # noqa: E402

REFERENCE = ROOT / "reports/reference.json"
FRESH = ROOT / "runs/verification"
MISSING = object()


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; one line, and status 2, for what is wrong with it."""
    asked = _parser().parse_args(arguments)
    try:
        return _make_reference(asked.run) if asked.action == "reference" else verify(asked)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2


def verify(asked: argparse.Namespace) -> int:
    """Rebuild, compare, tell, and leave page and badge beside the run."""
    for section in asked.section:
        if section not in SECTIONS:
            near, known = nearest_name(section, SECTIONS), ", ".join(SECTIONS)
            raise UserError(f"SECTION: unknown section '{section}'{near} Known: {known}")
    then = read_run(asked.against or _beside(asked.run))
    folder = asked.rebuilt or rebuild(asked, then)
    now = read_run(folder / MANIFEST)
    comparison = compare_sections(then, now, asked.section) if asked.section else compare(then, now)
    tell(comparison, asked.run / "reports")
    return 0 if comparison.agrees else 1


def compare_sections(then: Run, now: Run, sections: Sequence[str]) -> Comparison:
    """Compare what both made for sections; that one was asked for these alone is no difference."""
    config = {key: value for key, value in now.made["config"].items() if key != "sections"}
    said = {key: value for key, value in then.made["config"].items() if key != "sections"}
    then, now = (
        replace(then, made={**then.made, "config": said}),
        replace(now, made={**now.made, "config": config}),
    )
    return compare(then, now, files_of(sections, then.rows) | files_of(sections, now.rows))


def _beside(run: Path) -> Path:
    """The manifest of a run; in the checkout, where nothing has run yet, the reference."""
    manifest = run / MANIFEST
    return REFERENCE if run.resolve() == ROOT and not manifest.is_file() else manifest


def rebuild(asked: argparse.Namespace, then: Run) -> Path:
    """Run it in a fresh folder, with the config files that are given, or as the run elsewhere had it."""
    shutil.rmtree(FRESH, ignore_errors=True)
    FRESH.mkdir(parents=True)
    configs = [str(path) for path in asked.config]
    if not configs and then.folder and then.folder != ROOT:
        if plugins := then.made["config"].get("plugins"):
            found = f"{then.name}: found a config with plugins ({', '.join(plugins)})"
            raise UserError(f"{found}; allowed: with CONFIG, as nothing tells where they are")
        recorded = FRESH / "recorded.yaml"  # JSON is YAML
        recorded.write_text(
            json.dumps(as_config(then.made["config"], read_file(ROOT / "config.yaml"))), "utf-8"
        )
        configs = [str(recorded)]
    command = [sys.executable, "-m", "snakemake", "--directory", str(FRESH)]
    command += ["--cores", str(asked.cores)] if asked.cores else []
    command += ["--config", f"sections=[{','.join(asked.section)}]"] if asked.section else []
    command += ["--configfile", *configs] if configs else []
    # nothing of what another run left may be taken in its place
    environment = {name: value for name, value in os.environ.items() if name != "SNAKEMAKE_OUTPUT_CACHE"}
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        raise UserError(f"{FRESH}: the rebuilding failed, as said above; nothing was compared")
    return FRESH


def as_config(recorded: Mapping[str, Any], below: Mapping[str, Any]) -> dict[str, Any]:
    """The config that a manifest records, as a file to be laid over `below` would say it.

    What that has and the recorded one has not is null. An option that nothing uses stands in a record as its
    default, which no file may say, so of named entries defaults are left out.
    """
    if recorded.get("base") == "none":
        below = {}
    config = _over(recorded, below)
    for family, model in (("estimators", Estimator), ("recipes", Recipe)):
        defaults = model.model_construct().model_dump(mode="json", warnings=False)
        for name, entry in recorded[family].items():
            said = {key: value for key, value in entry.items() if defaults.get(key, MISSING) != value}
            config[family][name] = said
    return config


def _over(recorded: Mapping[str, Any], below: Mapping[str, Any]) -> dict[str, Any]:
    """The same with null for each key, at any depth, that a mapping below it has alone."""
    said = dict.fromkeys(below) | dict(recorded)
    both = (key for key in recorded if isinstance(recorded[key], dict) and isinstance(below.get(key), dict))
    return said | {key: _over(recorded[key], below[key]) for key in both}


def tell(comparison: Comparison, folder: Path) -> None:
    """Say what came out, in the terminal, as a page and as a badge."""
    from pgpipe.verification.told import badge, in_words, page

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "verification.html").write_text(page(comparison), "utf-8")
    (folder / "verification.svg").write_text(badge(comparison), "utf-8")
    print(in_words(comparison), end="")
    print(f"\nThe page: {folder.resolve() / 'verification.html'}")


def _make_reference(run: Path) -> int:
    """Write the reference of a run."""
    text = as_text(make_reference(read_run(run / MANIFEST)))
    REFERENCE.write_text(text, "utf-8")
    print(f"{REFERENCE}: {len(text.encode()) / 1e6:.2f} MB, of {(run / MANIFEST).resolve()}")
    return 0


def resolved(path: str) -> Path:
    """A path as it is seen from here: Snakemake is started elsewhere."""
    return Path(path).resolve()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="verify")
    parser.add_argument("action", nargs="?", choices=["verify", "reference"], default="verify")
    parser.add_argument("--run", type=resolved, default=ROOT)
    parser.add_argument("--against", type=resolved)
    parser.add_argument("--rebuilt", type=resolved)
    parser.add_argument("--section", nargs="+", default=[])
    parser.add_argument("--config", nargs="+", type=resolved, default=[])
    parser.add_argument("--cores")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
