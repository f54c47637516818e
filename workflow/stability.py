"""Do the verdicts hold with other seeds?  Run all claims for several, and write down what came out.

    python workflow/stability.py              # seeds 0 to 4 of the default lecture: `make stability`
    python workflow/stability.py 0 1 2

Each seed runs in a folder of its own, `runs/stability/<seed>`, which a second call goes on from. The ledger
shows for each claim in how many of these runs its verdict is the same, as long as nothing of the config but
the seed is another.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pgpipe.config.files import read_config  # noqa: E402
from pgpipe.lecture.config import Config  # noqa: E402
from pgpipe.lecture.report.specs import STABILITY, digest_but_seed  # noqa: E402

SEEDS = range(5)


def verdicts_with(seed: int) -> dict[str, str]:
    """The verdict of each claim in a run with this seed."""
    folder = ROOT / f"runs/stability/{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--directory", str(folder), "reports/claims.json"]
    subprocess.run([*command, "--config", f"seed={seed}"], cwd=ROOT, check=True)
    claims = json.loads((folder / "reports/claims.json").read_text("utf-8"))
    return {claim["id"]: claim["verdict"] for claim in claims}


def main(seeds: Sequence[int]) -> None:
    """Run them all, write the verdicts, and say which of them flip."""
    runs = [verdicts_with(seed) for seed in seeds]
    verdicts = {id: [run[id] for run in runs] for id in runs[0]}
    config = digest_but_seed(read_config(Config, ROOT / "config.yaml"))
    registered = {"config": config, "seeds": list(seeds), "verdicts": verdicts}
    STABILITY.write_text(json.dumps(registered, indent=1) + "\n", "utf-8")
    for id, found in verdicts.items():
        if len(set(found)) > 1:
            print(f"{id}: {', '.join(found)}")


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or list(SEEDS))
