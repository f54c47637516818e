"""Why is this figure as it is?  What it depends on, what has changed since it was made, what would run.

    python workflow/why.py --figure P10        # `make why FIGURE=P10`
    python workflow/why.py --table flows
    python workflow/why.py --claim C3
    python workflow/why.py --check E7 --run runs/tiny --config workflow/presets/tiny.yaml

No job is run. `snakemake why`, with FIGURE, TABLE, CLAIM or CHECK in the environment, does the same.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pgpipe.config.files import ConfigError, read_config  # noqa: E402
from pgpipe.errors import UserError  # noqa: E402
from pgpipe.explanation.asked import KINDS, Asked, asked_for  # noqa: E402
from pgpipe.explanation.explaining import Explained, explain, named_by_config  # noqa: E402
from pgpipe.explanation.plan import calls, jobs_behind, read_dry_run, seconds_of  # noqa: E402
from pgpipe.explanation.words import in_words  # noqa: E402
from pgpipe.lecture.config import Config  # noqa: E402
from pgpipe.plugins.plugin import PluginError  # noqa: E402
from workflow.verify import resolved  # noqa: E402

TIMINGS = Path("results/timings")


def main(arguments: Sequence[str]) -> int:
    """Explain what the command line, or else the environment, asks about."""
    said = _parser().parse_args(arguments)
    try:
        kind = next((k for k in KINDS if getattr(said, k)), None)
        if kind is None:
            raise UserError(
                "found nothing to explain; allowed: FIGURE=P10, TABLE=flows, CLAIM=C3 or CHECK=E7"
            )
        # first the config: its plugins bring figures and claims, too
        config = read_config(
            Config, ROOT / "config.yaml", said.config, said.set, said.run / ".snakemake/pgpipe"
        )
        options = ["--config", *said.set] if said.set else []
        options += ["--configfile", *map(str, said.config)] if said.config else []
        print("\n".join(why(asked_for(kind, getattr(said, kind)), config, said.run, options)))
    except (UserError, ConfigError, PluginError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def why(asked: Asked, config: Config, folder: Path, options: Sequence[str]) -> list[str]:
    """The lines that explain a file of a run with this config, which these options give Snakemake."""
    planned = read_dry_run(dry_run(asked.path, folder, options), folder)
    jobs = explain(jobs_behind(asked.path, planned, folder), calls(), config, folder)
    jobs = _by_config_keys(jobs, config.model_dump(mode="json"), folder / "reports/manifest.json")
    rules = json.loads((ROOT / "workflow/timings.json").read_text("utf-8"))
    seconds = {each.job.name: seconds_of(each.job, folder, TIMINGS, rules) for each in jobs}
    return list(in_words(asked, jobs, seconds, (folder / asked.path).is_file()))


def _by_config_keys(jobs: Sequence[Explained], now: dict[str, object], manifest: Path) -> list[Explained]:
    """Causes by the config's keys, as far as the last manifest tells what it said then."""
    then = json.loads(manifest.read_text("utf-8"))["made"]["config"] if manifest.is_file() else None
    return [replace(each, causes=tuple(named_by_config(each.causes, then, now))) for each in jobs]


def dry_run(path: str, folder: Path, options: Sequence[str]) -> str:
    """What Snakemake would do for a file.  Raises `UserError` with its last line if it cannot tell."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--directory", str(folder), path, *options]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if process.returncode:
        if "MissingRuleException" in process.stderr + process.stdout:
            raise UserError(
                f"{path}: found nothing that makes it with this config; allowed: what the config names"
            )
        raise UserError(process.stderr.strip() or process.stdout.strip())
    return process.stdout


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="why")
    for kind in KINDS:
        parser.add_argument(f"--{kind}", default=os.environ.get(kind.upper()))
    parser.add_argument("--run", type=resolved, default=ROOT)
    parser.add_argument("--config", nargs="+", type=resolved, default=[])
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE")  # as Snakemake's --config
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
